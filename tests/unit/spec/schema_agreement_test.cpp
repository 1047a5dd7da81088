// The published JSON Schema and the parser say the same of every object: its keys, defaults, names
// and ranges. What the parser knows is asked of its own error messages.

#include <set>

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "freight/job_spec_schema.hpp"
#include "unit/spec/spec_testing.hpp"

namespace freight {
namespace {

namespace json = boost::json;
using Names = std::set<std::string>;

constexpr std::string_view nonsense = "zzzzzzzzzzzz";

/// An object of the spec.
struct Place {
  std::string name;
  /// Of its object in the schema.
  std::string schema_pointer;
  /// Of it in `spec`.
  std::string pointer;
  /// A good spec with an @ where a member more may stand.
  std::string spec;
  /// Keys of the resolved object that have no fixed default.
  Names without_default;

  std::string with(std::string_view member) const {
    std::string text = spec;
    const std::size_t at = text.find('@');
    const bool first = text[at - 1] == '{';
    const std::string more =
        member.empty() || first ? std::string(member) : ", " + std::string(member);
    return text.replace(at, 1, more);
  }
};

void PrintTo(const Place& place, std::ostream* out) { *out << place.name; }

std::vector<Place> all_places() {
  const auto document = [](std::string_view more) {
    return R"({"source": {"type": "csv", "path": "a"}, "destination": {"type": "null"}, )" +
           std::string(more) + "}";
  };
  const auto source = [](std::string_view text) {
    return R"({"destination": {"type": "null"}, "source": )" + std::string(text) + "}";
  };
  const auto destination = [](std::string_view text) {
    return R"({"source": {"type": "inline", "records": []}, "destination": )" + std::string(text) +
           "}";
  };
  return {
      {"Job",
       "",
       "",
       document("\"name\": \"n\"@"),
       {"name", "source", "destination", "batch", "retry", "errors", "verify"}},
      {"Csv",
       "/$defs/csvSource",
       "/source",
       source(R"({"type": "csv", "path": "a"@})"),
       {"dialect"}},
      {"Jsonl", "/$defs/jsonlSource", "/source", source(R"({"type": "jsonl", "path": "a"@})"), {}},
      {"Json", "/$defs/jsonSource", "/source", source(R"({"type": "json", "path": "a"@})"), {}},
      {"Inline",
       "/$defs/inlineSource",
       "/source",
       source(R"({"type": "inline", "records": []@})"),
       {}},
      {"Sql",
       "/$defs/sqlSource",
       "/source",
       source(R"({"type": "sql", "url": "sqlite:a", "table": "t"@})"),
       {"table"}},
      {"Dialect",
       "/$defs/dialect",
       "/source/dialect",
       source(R"({"type": "csv", "path": "a", "dialect": {@}})"),
       {}},
      {"Schema", "/$defs/schema", "/schema", document(R"("schema": {@})"), {}},
      {"Field",
       "/$defs/field",
       "/schema/fields/0",
       document(R"("schema": {"fields": [{"name": "f"@}]})"),
       {"constraints"}},
      {"Constraints",
       "/$defs/constraints",
       "/schema/fields/0/constraints",
       document(R"("schema": {"fields": [{"name": "f", "constraints": {@}}]})"),
       {}},
      {"Condition",
       "/$defs/condition",
       "/filter",
       document(R"("filter": {"field": "f", "eq": "a"@})"),
       {"eq"}},
      {"Entry",
       "/$defs/entry",
       "/mapping/0",
       document(R"("mapping": [{"to": "t", "from": "f"@}])"),
       {"from"}},
      {"SqlDestination",
       "/$defs/sqlDestination",
       "/destination",
       destination(R"({"type": "sql", "url": "sqlite:a", "table": "t"@})"),
       {"on_conflict"}},
      {"Ledger",
       "/$defs/sqlDestination/properties/ledger/oneOf/1",
       "/destination/ledger",
       destination(
           R"({"type": "sql", "url": "sqlite:a", "table": "t", "ledger": {"table": "l"@}})"),
       {}},
      {"CsvDestination",
       "/$defs/csvDestination",
       "/destination",
       destination(R"({"type": "csv", "path": "a"@})"),
       {"dialect"}},
      {"DestinationDialect",
       "/$defs/csvDestination/properties/dialect",
       "/destination/dialect",
       destination(R"({"type": "csv", "path": "a", "dialect": {@}})"),
       {}},
      {"JsonlDestination",
       "/$defs/jsonlDestination",
       "/destination",
       destination(R"({"type": "jsonl", "path": "a"@})"),
       {}},
      {"NullDestination",
       "/$defs/nullDestination",
       "/destination",
       destination(R"({"type": "null"@})"),
       {}},
      {"Batch", "/properties/batch", "/batch", document(R"("batch": {@})"), {}},
      {"Retry", "/properties/retry", "/retry", document(R"("retry": {@})"), {}},
      {"Errors", "/properties/errors", "/errors", document(R"("errors": {@})"), {}},
      {"Verify", "/properties/verify", "/verify", document(R"("verify": {@})"), {}},
  };
}

const json::object& schema_of(const Place& place) {
  static const json::value schema = json::parse(job_spec_schema());
  return schema.at_pointer(place.schema_pointer).as_object();
}

/// The error at a pointer; nullptr when there is none.
const SpecError* error_at(const SpecResult& result, const std::string& pointer) {
  for (const SpecError& error : result.errors) {
    if (error.pointer == pointer) return &error;
  }
  return nullptr;
}

/// The names that an error's `…; use "a", "b" or "c"` offers.
Names offered_names(const SpecError* error) {
  Names names;
  if (error == nullptr) return names;
  std::size_t begin = error->detail.find("; use ");
  while (begin != std::string::npos &&
         (begin = error->detail.find('"', begin)) != std::string::npos) {
    const std::size_t end = error->detail.find('"', begin + 1);
    names.insert(error->detail.substr(begin + 1, end - begin - 1));
    begin = end + 1;
  }
  return names;
}

std::string member(std::string_view key, std::string_view value) {
  return "\"" + std::string(key) + "\": " + std::string(value);
}

class SpecSchema : public testing::TestWithParam<Place> {};

TEST_P(SpecSchema, HasTheKeysOfTheParser) {
  const Place& place = GetParam();
  const SpecResult result = testing_spec::parse(place.with(member(nonsense, "1")));
  Names known = offered_names(error_at(result, place.pointer + "/" + std::string(nonsense)));
  // Of the contract, and refused.
  known.erase("upload");
  known.erase("connection");
  Names described;
  for (const auto& property : schema_of(place).at("properties").as_object()) {
    described.insert(std::string(property.key()));
  }
  EXPECT_EQ(described, known) << testing_spec::all_details(result);
}

TEST_P(SpecSchema, HasTheDefaultsOfTheParser) {
  const Place& place = GetParam();
  const JobSpec spec = testing_spec::parse_good(place.with(""));
  const json::value stored = json::parse(spec.stored_json);
  const json::object& resolved = stored.at_pointer(place.pointer).as_object();
  const json::object& properties = schema_of(place).at("properties").as_object();
  for (const auto& property : properties) {
    const json::value* const expected = property.value().as_object().if_contains("default");
    if (expected == nullptr) continue;
    const json::value* const found = resolved.if_contains(property.key());
    ASSERT_NE(found, nullptr) << property.key();
    EXPECT_EQ(json::serialize(*found), json::serialize(*expected)) << property.key();
  }
  Names required = place.without_default;
  if (const json::value* const keys = schema_of(place).if_contains("required")) {
    for (const json::value& key : keys->as_array()) required.insert(key.as_string().c_str());
  }
  for (const auto& entry : resolved) {
    const json::value* const property = properties.if_contains(entry.key());
    ASSERT_NE(property, nullptr) << entry.key();
    EXPECT_TRUE(property->as_object().contains("default") || required.contains(entry.key()))
        << entry.key() << " has a default that the schema does not tell";
  }
}

TEST_P(SpecSchema, HasTheNamesOfTheParser) {
  const Place& place = GetParam();
  for (const auto& property : schema_of(place).at("properties").as_object()) {
    const json::value* const values = property.value().as_object().if_contains("enum");
    if (values == nullptr) continue;
    const SpecResult result = testing_spec::parse(
        place.with(member(property.key(), "\"" + std::string(nonsense) + "\"")));
    Names described;
    for (const json::value& value : values->as_array()) {
      if (value.is_string()) described.insert(value.as_string().c_str());
    }
    EXPECT_EQ(offered_names(error_at(result, place.pointer + "/" + std::string(property.key()))),
              described)
        << property.key();
  }
}

TEST_P(SpecSchema, HasTheRangesOfTheParser) {
  const Place& place = GetParam();
  for (const auto& property : schema_of(place).at("properties").as_object()) {
    const json::object& rules = property.value().as_object();
    const auto expect_in_range = [&](std::int64_t number, bool in_range) {
      const SpecResult result =
          testing_spec::parse(place.with(member(property.key(), std::to_string(number))));
      const SpecError* const error =
          error_at(result, place.pointer + "/" + std::string(property.key()));
      const bool refused = error != nullptr && (error->code == Code::value_out_of_range ||
                                                error->code == Code::newer_format);
      EXPECT_EQ(refused, !in_range) << property.key() << " " << number;
    };
    for (const auto& [bound, beyond] : {std::pair{"minimum", -1}, std::pair{"maximum", 1}}) {
      const json::value* const limit = rules.if_contains(bound);
      if (limit == nullptr) continue;
      // Intervals that cross are refused too, and are no matter of a range.
      if (property.key() != "initial_interval_ms" && property.key() != "max_interval_ms") {
        expect_in_range(limit->to_number<std::int64_t>(), true);
      }
      expect_in_range(limit->to_number<std::int64_t>() + beyond, false);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(EveryObject, SpecSchema, testing::ValuesIn(all_places()),
                         [](const auto& place) { return place.param.name; });

TEST(SpecSchemaOfTransforms, HasTheKeysOfTheParser) {
  const json::value schema = json::parse(job_spec_schema());
  const json::array& kinds = schema.at_pointer("/$defs/transform/anyOf").as_array();
  Names keyed;
  for (const auto& property : kinds.at(1).at("properties").as_object()) {
    keyed.insert(std::string(property.key()));
  }
  Names named;
  for (const json::value& name : kinds.at(0).at("enum").as_array()) {
    named.insert(name.as_string().c_str());
  }
  const SpecResult result = testing_spec::parse(testing_spec::with_entry(
      R"("from": "f", "transform": ["zzzzzzzzzzzz", {"zzzzzzzzzzzz": 1}])"));
  EXPECT_EQ(offered_names(error_at(result, "/mapping/0/transform/0")), named);
  EXPECT_EQ(offered_names(error_at(result, "/mapping/0/transform/1/zzzzzzzzzzzz")), keyed);
}

}  // namespace
}  // namespace freight
