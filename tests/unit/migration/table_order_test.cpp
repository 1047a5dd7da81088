#include "migration/table_order.hpp"

#include <algorithm>
#include <cstddef>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace freight::migration {
namespace {

using Places = std::vector<std::size_t>;
using Parents = std::vector<Places>;

std::size_t place(const TableOrder& order, std::size_t table) {
  const auto found = std::find(order.order.begin(), order.order.end(), table);
  return static_cast<std::size_t>(found - order.order.begin());
}

TEST(TableOrder, ParentsComeFirst) {
  const Parents parents{{1, 2}, {2}, {}, {0}};
  const TableOrder order = order_of(parents);
  ASSERT_EQ(order.order.size(), 4U);
  for (std::size_t table = 0; table < parents.size(); ++table) {
    for (const std::size_t parent : parents[table]) {
      EXPECT_LT(place(order, parent), place(order, table));
    }
  }
  EXPECT_EQ(order.circles, (Places{0, 0, 0, 0}));
}

TEST(TableOrder, TablesWithoutReferencesKeepTheirOrder) {
  EXPECT_EQ(order_of({{}, {}, {}}).order, (Places{0, 1, 2}));
  EXPECT_TRUE(order_of({}).order.empty());
}

TEST(TableOrder, CirclesAreNumberedAndStandTogether) {
  // 0 <-> 1, 2 -> 0, 3 <-> 4 -> 2
  const TableOrder order = order_of({{1}, {0}, {0}, {4}, {3, 2}});
  EXPECT_EQ(order.circles[0], order.circles[1]);
  EXPECT_EQ(order.circles[3], order.circles[4]);
  EXPECT_NE(order.circles[0], order.circles[3]);
  EXPECT_NE(order.circles[0], 0U);
  EXPECT_EQ(order.circles[2], 0U);
  EXPECT_LT(std::max(place(order, 0), place(order, 1)), place(order, 2));
  EXPECT_LT(place(order, 2), std::min(place(order, 3), place(order, 4)));
}

TEST(TableOrder, ALongChainNeedsNeitherStackNorQuadraticTime) {
  constexpr std::size_t tables = 1'000'000;
  Parents parents(tables);
  for (std::size_t table = 0; table + 1 < tables; ++table) parents[table] = {table + 1};
  const TableOrder order = order_of(parents);
  EXPECT_EQ(order.order.front(), tables - 1);
  EXPECT_EQ(order.order.back(), 0U);
}

}  // namespace
}  // namespace freight::migration
