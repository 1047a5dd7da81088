#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "freight/connector_registry.hpp"
#include "freight/error.hpp"
#include "freight/storage.hpp"

namespace freight {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(ConnectorRegistry, MakesConnectorsByTheTypeOfTheSpec) {
  ConnectorRegistry registry;
  std::string made;
  registry.add_source("csv", [&](const ConnectorRequest&) { return made = "csv", nullptr; });
  registry.add_source("inline", [&](const ConnectorRequest&) { return made = "inline", nullptr; });
  registry.add_source("crm", [&](const ConnectorRequest&) { return made = "crm", nullptr; });
  registry.add_destination("sql", [&](const ConnectorRequest&) { return made = "sql", nullptr; });
  registry.add_destination("null", [&](const ConnectorRequest&) { return made = "null", nullptr; });
  JobSpec spec;
  spec.source = CsvSourceSpec{};
  registry.make_source({.spec = spec});
  EXPECT_EQ(made, "csv");
  spec.source = InlineSourceSpec{};
  registry.make_source({.spec = spec});
  EXPECT_EQ(made, "inline");
  spec.source = CustomConnectorSpec{.type = "crm"};
  registry.make_source({.spec = spec});
  EXPECT_EQ(made, "crm");
  spec.destination = SqlDestinationSpec{};
  registry.make_destination({.spec = spec});
  EXPECT_EQ(made, "sql");
  spec.destination = NullDestinationSpec{};
  registry.make_destination({.spec = spec});
  EXPECT_EQ(made, "null");
  EXPECT_EQ(registry.source_types(), (std::vector<std::string>{"crm", "csv", "inline"}));
  EXPECT_EQ(registry.destination_types(), (std::vector<std::string>{"null", "sql"}));
}

TEST(ConnectorRegistry, ReplacesAnEarlierTypeAndLeavesCopiesAlone) {
  ConnectorRegistry registry;
  std::string made;
  registry.add_source("csv", [&](const ConnectorRequest&) { return made = "first", nullptr; });
  const ConnectorRegistry copy = registry;
  registry.add_source("csv", [&](const ConnectorRequest&) { return made = "second", nullptr; });
  registry.make_source({.spec = {}});
  EXPECT_EQ(made, "second");
  copy.make_source({.spec = {}});
  EXPECT_EQ(made, "first");
}

TEST(ConnectorRegistry, NamesTheTypesItKnowsWhenOneIsMissing) {
  ConnectorRegistry registry;
  registry.add_destination("null", [](const ConnectorRequest&) { return nullptr; });
  JobSpec spec;
  spec.destination = CustomConnectorSpec{.type = "crm"};
  try {
    registry.make_destination({.spec = spec});
    FAIL() << "made a destination of an unknown type";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::unsupported_connector);
    EXPECT_THAT(error.what(), HasSubstr("'crm'"));
    EXPECT_THAT(error.details().hint, HasSubstr("null"));
  }
}

TEST(StorageRegistry, OpensBySchemeAndPassesTheOptionsOn) {
  StorageRegistry registry;
  std::string opened;
  bool upgrade = true;
  registry.add("memory", [&](std::string_view url, const StorageOptions& options) {
    opened = url;
    upgrade = options.upgrade;
    return nullptr;
  });
  EXPECT_EQ(registry.open("memory:x", {.upgrade = false}), nullptr);
  EXPECT_EQ(opened, "memory:x");
  EXPECT_FALSE(upgrade);
}

TEST(StorageRegistry, RefusesAnUnknownSchemeWithoutShowingThePassword) {
  StorageRegistry registry;
  registry.add("sqlite", [](std::string_view, const StorageOptions&) { return nullptr; });
  for (const auto* url : {"mysql://me:secret@host/db", "secret", "", ":secret"}) {
    try {
      registry.open(url);
      FAIL() << url;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), Code::unsupported_storage);
      EXPECT_THAT(error.what(), Not(HasSubstr("secret")));
      EXPECT_THAT(error.details().hint, HasSubstr("sqlite:"));
    }
  }
}

}  // namespace
}  // namespace freight
