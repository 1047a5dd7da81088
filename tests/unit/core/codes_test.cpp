#include "freight/codes.hpp"

#include <cctype>
#include <set>
#include <string>

#include <gtest/gtest.h>

#include "freight/error.hpp"

namespace freight {
namespace {

TEST(Codes, HaveUniqueNamesInSnakeCase) {
  std::set<std::string_view> names;
  for (const CodeInfo& info : all_codes()) {
    EXPECT_TRUE(names.insert(info.name).second) << info.name;
    for (const char character : info.name) {
      EXPECT_TRUE(std::islower(static_cast<unsigned char>(character)) != 0 || character == '_' ||
                  std::isdigit(static_cast<unsigned char>(character)) != 0)
          << info.name;
    }
  }
  EXPECT_GT(names.size(), 60U);
}

TEST(Codes, AreFoundByValueAndByName) {
  for (const CodeInfo& info : all_codes()) {
    EXPECT_EQ(&code_info(info.code), &info);
    EXPECT_EQ(parse_code(info.name), info.code);
    EXPECT_EQ(to_string(info.code), info.name);
    EXPECT_FALSE(info.description.empty()) << info.name;
  }
  EXPECT_FALSE(parse_code("no_such_code").has_value());
  EXPECT_FALSE(parse_code("").has_value());
  EXPECT_FALSE(parse_code("zzz").has_value());
}

TEST(Codes, UseTheExitAndHttpStatusesOfTheContract) {
  for (const CodeInfo& info : all_codes()) {
    EXPECT_TRUE(info.exit_code == 1 || info.exit_code == 2 || info.exit_code == 3 ||
                info.exit_code == 130)
        << info.name;
    EXPECT_TRUE(info.http_status >= 400 && info.http_status < 600) << info.name;
  }
}

TEST(Codes, OfRecordsAreDataOrConstraintAndExitWithThree) {
  for (const Code code :
       {Code::unterminated_quote, Code::type_mismatch, Code::required, Code::invalid_utf8}) {
    EXPECT_EQ(code_info(code).category, Category::data);
    EXPECT_EQ(code_info(code).exit_code, 3);
    EXPECT_FALSE(code_info(code).retryable());
  }
  EXPECT_EQ(code_info(Code::unique_violation).category, Category::constraint);
}

TEST(Categories, HaveNamesThatAreReadBack) {
  for (const Category category :
       {Category::transient, Category::throttled, Category::data, Category::constraint,
        Category::configuration, Category::authentication, Category::ambiguous, Category::cancelled,
        Category::limit, Category::internal}) {
    EXPECT_EQ(parse_category(to_string(category)), category);
  }
  EXPECT_EQ(to_string(Category::authentication), "authentication");
  EXPECT_FALSE(parse_category("Transient").has_value());
}

TEST(Error, TakesTheCategoryOfItsCodeUnlessTold) {
  const Error plain(Code::table_not_found, "no table 'x'");
  EXPECT_EQ(plain.category(), Category::configuration);
  EXPECT_FALSE(plain.retryable());
  const Error busy(Code::destination_failed, Category::transient, "asked to come again",
                   {.hint = "wait", .sqlstate = "40001"});
  EXPECT_EQ(busy.category(), Category::transient);
  EXPECT_TRUE(busy.retryable());
  EXPECT_EQ(busy.details().sqlstate, "40001");
  EXPECT_STREQ(busy.what(), "asked to come again");
}

TEST(Error, RetryableCategoriesAreTransientThrottledAndAmbiguous) {
  std::set<Category> retryable;
  for (int index = 0; index <= static_cast<int>(Category::internal); ++index) {
    const auto category = static_cast<Category>(index);
    if (Error(Code::internal, category, "x").retryable()) retryable.insert(category);
  }
  EXPECT_EQ(retryable, (std::set{Category::transient, Category::throttled, Category::ambiguous}));
}

TEST(Failure, KeepsWhatAnErrorKnows) {
  const Error error(
      Code::destination_unavailable, "down",
      {.hint = "start it", .retry_after = std::chrono::milliseconds{7}, .outage = true});
  const Failure failure = failure_of(error);
  EXPECT_EQ(failure.code, Code::destination_unavailable);
  EXPECT_EQ(failure.category, Category::transient);
  EXPECT_EQ(failure.message, "down");
  EXPECT_EQ(failure.details.hint, "start it");
  EXPECT_EQ(failure.details.retry_after, std::chrono::milliseconds{7});
  EXPECT_TRUE(failure.details.outage);
}

TEST(Failure, OfAForeignExceptionIsInternal) {
  const Failure failure = failure_of(std::out_of_range("index 7"));
  EXPECT_EQ(failure.code, Code::internal);
  EXPECT_EQ(failure.category, Category::internal);
  EXPECT_EQ(failure.message, "index 7");
}

}  // namespace
}  // namespace freight
