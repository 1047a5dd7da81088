#include "connectors/null/null_destination.hpp"

#include <gtest/gtest.h>

namespace freight {
namespace {

TEST(NullDestination, ItTakesAnyColumnAndCountsTheRows) {
  ConnectorContext context;
  const auto destination = connectors::make_null_destination({.spec = {}});
  const PrepareResult prepared = destination->prepare({.columns = {{.name = "anything"}}}, context);
  EXPECT_TRUE(prepared.catalog.open_columns);
  EXPECT_TRUE(prepared.catalog.columns.empty());

  OutputBatch rows;
  rows.ordinals = {4, 5, 7};
  const WriteRequest request{.unit = "r:4", .first_ordinal = 4, .records = 4, .rows = rows};
  for (int times = 0; times < 2; ++times) {
    const WriteResult result = destination->write(request, context);
    EXPECT_EQ(result.inserted, 3U);
    EXPECT_TRUE(result.exceptions.empty());
    EXPECT_FALSE(result.from_ledger);
  }
  EXPECT_TRUE(destination->finish(context).warnings.empty());
}

TEST(NullDestination, ABatchMayBeRepeatedBecauseNothingIsLeftOfIt) {
  EXPECT_EQ(connectors::make_null_destination({.spec = {}})->traits().delivery,
            Delivery::transactional);
}

TEST(NullDestination, ThereIsNothingToCountAfterwards) {
  ConnectorContext context;
  const auto destination = connectors::make_null_destination({.spec = {}});
  EXPECT_EQ(destination->count(true, context), std::nullopt);
  EXPECT_EQ(destination->ledger_rows(context), std::nullopt);
}

}  // namespace
}  // namespace freight
