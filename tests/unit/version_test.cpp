#include "freight/version.hpp"

#include <algorithm>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "freight/backends.hpp"

namespace freight {
namespace {

TEST(Version, HasThreeNumbers) {
  EXPECT_THAT(std::string(version()), ::testing::MatchesRegex("[0-9]+\\.[0-9]+\\.[0-9]+"));
}

TEST(Backends, AreSortedAndUnique) {
  const auto backends = built_in_backends();
  EXPECT_TRUE(std::is_sorted(backends.begin(), backends.end()));
  EXPECT_EQ(std::adjacent_find(backends.begin(), backends.end()), backends.end());
}

}  // namespace
}  // namespace freight
