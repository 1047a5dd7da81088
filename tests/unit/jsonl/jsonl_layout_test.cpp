// In which fields JSONL records are laid out, and what else they bring.

#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "unit/jsonl/jsonl_fixture.hpp"

namespace freight::testing {
namespace {

using Fields = std::vector<std::string>;
using Extra = std::vector<std::pair<std::uint32_t, std::string>>;

Extra extra_fields_of(const JsonlFile& file, Fields fields) {
  const auto source = file.make_source();
  ConnectorContext context;
  source->describe(context);
  source->use_fields(std::move(fields));
  RecordBatch batch;
  source->read(plan_all(*source, {}).at(0), batch, context);
  return batch.extra_fields;
}

TEST(JsonlLayout, TheFieldsAreThoseThatTheJobCanUse) {
  JsonlFile file("{\"a\":1}\n");
  file.spec().destination = SqlDestinationSpec{};
  const auto source = file.make_source();
  ConnectorContext context;
  const auto first = source->describe(context);
  EXPECT_TRUE(first.fields.empty());
  EXPECT_TRUE(first.open_fields);
  EXPECT_TRUE(first.typed);
  EXPECT_EQ(first.bytes_total, 8U);
  source->use_fields({"x", "a"});
  EXPECT_EQ(source->describe(context).fields, (Fields{"x", "a"}));
}

TEST(JsonlLayout, OwnKeysBeyondTheLayoutAreNamed) {
  JsonlFile file("{\"a\":1,\"b\":2}\n{\"a\":1}\n{\"c\":1,\"a\":2,\"d\":3}\n");
  file.spec().destination = SqlDestinationSpec{};
  EXPECT_EQ(extra_fields_of(file, {"a"}), (Extra{{0, "b"}, {2, "c"}, {2, "d"}}));
}

TEST(JsonlLayout, AJobThatMayIgnoreOwnKeysIsNotToldOfThem) {
  JsonlFile file("{\"a\":1,\"b\":2}\n");
  file.spec().destination = SqlDestinationSpec{};
  file.spec().has_mapping = true;
  EXPECT_TRUE(extra_fields_of(file, {"a"}).empty());
  file.spec().has_mapping = false;
  file.spec().schema = SchemaSpec{};
  EXPECT_TRUE(extra_fields_of(file, {"a"}).empty());
  file.spec().schema->extra_columns = ExtraColumns::error;
  EXPECT_EQ(extra_fields_of(file, {"a"}).size(), 1U);
  file.spec().schema.reset();
  file.spec().destination = NullDestinationSpec{};
  EXPECT_TRUE(extra_fields_of(file, {"a"}).empty());
}

TEST(JsonlLayout, ForADestinationWithoutColumnsTheKeysOfAllRecordsAreTheFields) {
  JsonlFile file("{\"a\":1,\"b\":2}\nbad\n[1]\n\n{\"b\":1,\"c\":2}\n{\"a\":1,\"d\\u00e9\":3}\n");
  file.spec().destination = CsvDestinationSpec{};
  EXPECT_EQ(file.describe().fields, (Fields{"a", "b", "c", "d\xC3\xA9"}));
  file.spec().destination = JsonlDestinationSpec{};
  file.jsonl().limit = 2;
  EXPECT_EQ(file.describe().fields, (Fields{"a", "b"}));
}

TEST(JsonlLayout, MoreDifferentKeysThanATableCanHaveAreRefused) {
  std::string text;
  for (int index = 0; index <= 10'000; ++index) {
    text += "{\"k" + std::to_string(index) + "\":1}\n";
  }
  JsonlFile file(text);
  file.spec().destination = CsvDestinationSpec{};
  try {
    file.describe();
    FAIL() << "nothing was thrown";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::source_unreadable);
    EXPECT_NE(std::string(error.what()).find("line 10001"), std::string::npos) << error.what();
  }
}

}  // namespace
}  // namespace freight::testing
