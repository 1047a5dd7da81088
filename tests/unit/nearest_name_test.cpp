#include "core/nearest_name.hpp"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace freight::core {
namespace {

const std::vector<std::string> names{"customer_id", "email", "first_name", "last_name", "ID"};

TEST(NearestName, FindsTypingMistakes) {
  EXPECT_EQ(nearest_name("emial", names), "email");
  EXPECT_EQ(nearest_name("e-mail", names), "email");
  EXPECT_EQ(nearest_name("CUSTOMER-ID", names), "customer_id");
  EXPECT_EQ(nearest_name("lastname", names), "last_name");
  EXPECT_EQ(nearest_name("id", names), "ID");
}

TEST(NearestName, FindsNothingWhereNothingIsNear) {
  EXPECT_EQ(nearest_name("birthday", names), "");
  EXPECT_EQ(nearest_name("", names), "");
  EXPECT_EQ(nearest_name("x", names), "");
  EXPECT_EQ(nearest_name("email", std::vector<std::string>{}), "");
  EXPECT_EQ(nearest_name(std::string(100'000, 'e'), names), "");
}

TEST(NearestName, TakesTheFirstOfEquals) {
  EXPECT_EQ(nearest_name("bat", std::vector<std::string>{"cat", "bar"}), "cat");
}

}  // namespace
}  // namespace freight::core
