#include <gtest/gtest.h>

#include "unit/spec/spec_testing.hpp"

namespace freight::secrets_test {
namespace {

using testing_spec::parse_good;
using Pointers = std::vector<std::string>;

std::string with_url(std::string_view url, std::string_view more = "") {
  return R"({"source": {"type": "csv", "path": "in.csv"}, "destination": {"type": "sql", "table": "t",
            "url": ")" +
         std::string(url) + "\"}" + std::string(more) + "}";
}

constexpr std::string_view listed = R"(, "secrets_left_out": ["/destination/url"])";

TEST(SpecSecrets, LeftOutOfTheStoredSpecAreKnownWhenItIsReadAgain) {
  const JobSpec first = parse_good(with_url("postgresql://u:word@h/db"));
  EXPECT_TRUE(first.needs_secrets);
  EXPECT_TRUE(first.missing_secrets.empty());
  const JobSpec again = parse_good(first.stored_json);
  EXPECT_TRUE(again.needs_secrets);
  EXPECT_EQ(again.missing_secrets, Pointers{"/destination/url"});
  EXPECT_EQ(again.stored_json, first.stored_json);
  EXPECT_EQ(again.identity, first.identity);
}

TEST(SpecSecrets, OfSourceDestinationAndCustomConnectorsAreAllKnown) {
  SpecOptions options = testing_spec::options_with();
  options.custom_destinations = {"crm"};
  const JobSpec first = parse_good(
      R"({"source": {"type": "sql", "table": "t", "url": "postgresql://u:word@h/db"},
          "destination": {"type": "crm", "hosts": [{"at": "https://u:word@h/"}, "ftp://u@h"]}})",
      options);
  const JobSpec again = parse_good(first.stored_json, options);
  EXPECT_EQ(again.missing_secrets, (Pointers{"/destination/hosts/0/at", "/source/url"}));
  EXPECT_EQ(again.stored_json, first.stored_json);
}

TEST(SpecSecrets, PutBackAreNotMissing) {
  EXPECT_TRUE(parse_good(with_url("postgresql://u:word@h/db", listed)).missing_secrets.empty());
  const JobSpec from_environment = parse_job_spec(with_url("postgresql://u:${env:PW}@h/db", listed),
                                                  testing_spec::options_with({{"PW", "word"}}))
                                       .value();
  EXPECT_TRUE(from_environment.missing_secrets.empty());
  EXPECT_TRUE(from_environment.needs_secrets);
  EXPECT_EQ(from_environment.stored_json.find("secrets_left_out"), std::string::npos);
  EXPECT_TRUE(
      parse_good(with_url("postgresql://u@h/db?password=word", listed)).missing_secrets.empty());
}

TEST(SpecSecrets, AreNotMissingWhereNoneCanStand) {
  const JobSpec spec = parse_good(with_url("sqlite:out.db", listed));
  EXPECT_FALSE(spec.needs_secrets);
  EXPECT_TRUE(spec.missing_secrets.empty());
}

TEST(SpecSecrets, AbsentFromTheBeginningAreNotMissing) {
  const JobSpec spec = parse_good(with_url("postgresql://u@h/db"));
  EXPECT_FALSE(parse_good(spec.stored_json).needs_secrets);
}

TEST(SpecSecrets, ListMustBeOfPointers) {
  const SpecResult result = testing_spec::parse(
      with_url("sqlite:a", R"(, "secrets_left_out": [5, "url", "/destination/url"])"));
  EXPECT_EQ(testing_spec::found_errors(result),
            (Pointers{"/secrets_left_out/0 wrong_type", "/secrets_left_out/1 invalid_value"}));
}

}  // namespace
}  // namespace freight::secrets_test
