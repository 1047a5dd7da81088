#pragma once

// The contract of Destination as tests; used as source_suite.hpp is.

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <ostream>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "freight/destination.hpp"
#include "freight/error.hpp"

namespace freight::testing {

/// @addtogroup testing
/// @{

/// A place that a destination writes to, new and empty for each test.
class DestinationTarget {
 public:
  virtual ~DestinationTarget() = default;

  /// A new object that writes to this place for `job_id`.
  virtual std::unique_ptr<Destination> make(JobId job_id) = 0;
  /// The columns of the rows that the suite writes; the first is an integer that differs from row
  /// to row, the others are text.
  virtual std::vector<OutputColumn> columns() const = 0;
  /// How many rows are there, by a look from beside the destination; after finish() where a
  /// destination shows its rows only then. nullopt when there is no way to look.
  virtual std::optional<std::uint64_t> rows() = 0;
};

/// A destination to be tested.
struct DestinationCase {
  /// Letters and digits.
  std::string name = {};
  /// Makes a new, empty place each time.
  std::function<std::unique_ptr<DestinationTarget>()> make = {};
  /// A unit that was written is known again, also by another object.
  bool has_ledger = true;
  /// Rows are to be seen before finish().
  bool shows_rows_at_once = true;
};

inline void PrintTo(const DestinationCase& destination, std::ostream* out) {
  *out << destination.name;
}

/// What every destination promises, as tests; instantiate it with DestinationCase values. The tests
/// do without retries: what is thrown fails them.
class DestinationSuite : public ::testing::TestWithParam<DestinationCase> {
 protected:
  /// Rows with the ordinals [first, first + count) and their texts.
  class Rows {
   public:
    /// An integer in the first column, texts in the others.
    Rows(std::vector<OutputColumn> columns, std::uint64_t first, std::uint64_t count) {
      batch_.columns = std::move(columns);
      texts_.reserve(count * batch_.columns.size());
      for (std::uint64_t ordinal = first; ordinal < first + count; ++ordinal) {
        batch_.ordinals.push_back(ordinal);
        for (std::size_t column = 0; column < batch_.columns.size(); ++column) {
          texts_.push_back(column == 0 ? std::to_string(ordinal)
                                       : "text " + std::to_string(ordinal));
          batch_.values.push_back({.data = texts_.back().data(),
                                   .size = static_cast<std::uint32_t>(texts_.back().size()),
                                   .type = batch_.columns[column].type});
        }
      }
    }
    /// Points into this object.
    const OutputBatch& batch() const { return batch_; }

   private:
    std::vector<std::string> texts_;
    OutputBatch batch_;
  };

  /// A new object that writes to the case's place and was made ready.
  std::unique_ptr<Destination> prepared() {
    auto destination = target_->make(job_id_);
    PrepareRequest request;
    request.columns = target_->columns();
    destination->prepare(request, context_);
    return destination;
  }

  /// Rows for the case's columns.
  Rows rows(std::uint64_t first, std::uint64_t count) const {
    return {target_->columns(), first, count};
  }

  /// The unit of these rows. `hash` stands for the bytes that they came from.
  static WriteRequest request(const Rows& rows, std::uint64_t first, std::string hash = "c0ffee") {
    return {.unit = "r:" + std::to_string(first),
            .first_ordinal = first,
            .records = rows.batch().rows(),
            .content_hash = std::move(hash),
            .input_hash = "1234",
            .rows = rows.batch()};
  }

  /// Writes the unit of the rows [first, first + count).
  WriteResult write(Destination& destination, std::uint64_t first, std::uint64_t count) {
    const Rows written = rows(first, count);
    return destination.write(request(written, first), context_);
  }

  /// Fails the test when the place can be looked at and holds another number.
  void expect_rows(std::uint64_t expected) {
    const auto found = target_->rows();
    if (found) {
      EXPECT_EQ(*found, expected);
    }
  }

  std::unique_ptr<DestinationTarget> target_ = GetParam().make();
  const JobId job_id_ = JobId::generate();
  ConnectorContext context_;
};

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(DestinationSuite);

TEST_P(DestinationSuite, PreparesAnyNumberOfTimes) {
  const auto one = prepared();
  PrepareRequest again;
  again.columns = target_->columns();
  one->prepare(again, context_);
  const auto other = prepared();
  EXPECT_EQ(write(*other, 0, 3).exceptions.size(), 0U);
}

TEST_P(DestinationSuite, WritesEveryRowOfEveryUnit) {
  const auto destination = prepared();
  for (std::uint64_t first = 0; first < 50; first += 10) {
    const WriteResult result = write(*destination, first, 10);
    EXPECT_EQ(result.inserted + result.updated + result.unchanged, 10U);
    EXPECT_TRUE(result.exceptions.empty());
    EXPECT_FALSE(result.from_ledger);
  }
  destination->finish(context_);
  expect_rows(50);
}

TEST_P(DestinationSuite, TakesAUnitWithoutRows) {
  const auto destination = prepared();
  const WriteResult result = write(*destination, 0, 0);
  EXPECT_EQ(result.inserted, 0U);
  EXPECT_TRUE(result.exceptions.empty());
  destination->finish(context_);
  expect_rows(0);
}

TEST_P(DestinationSuite, DoesNotWriteAUnitTwice) {
  if (!GetParam().has_ledger) return;
  WriteResult first;
  {
    const auto destination = prepared();
    first = write(*destination, 0, 10);
    const WriteResult again = write(*destination, 0, 10);
    EXPECT_TRUE(again.from_ledger);
    EXPECT_EQ(again.inserted, first.inserted);
  }
  // As after a crash: another object, which knows nothing but what was kept.
  const auto destination = prepared();
  const WriteResult again = write(*destination, 0, 10);
  EXPECT_TRUE(again.from_ledger);
  EXPECT_EQ(again.inserted, first.inserted);
  write(*destination, 10, 5);
  destination->finish(context_);
  expect_rows(15);
}

TEST_P(DestinationSuite, RefusesAUnitOfOtherRecords) {
  if (!GetParam().has_ledger) return;
  const auto destination = prepared();
  write(*destination, 0, 10);
  const Rows other = rows(0, 10);
  try {
    destination->write(request(other, 0, "0ther"), context_);
    ADD_FAILURE() << "the unit was taken although its records are others";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::ledger_conflict);
  }
}

TEST_P(DestinationSuite, IsWrittenToFromSeveralThreadsAtOnce) {
  const auto destination = prepared();
  if (destination->traits().ordered) return;
  std::vector<std::thread> threads;
  for (std::uint64_t thread = 0; thread < 4; ++thread) {
    threads.emplace_back([this, thread, &destination] {
      ConnectorContext context;
      for (std::uint64_t unit = 0; unit < 5; ++unit) {
        const std::uint64_t first = (thread * 5 + unit) * 10;
        const Rows written = rows(first, 10);
        destination->write(request(written, first), context);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  destination->finish(context_);
  expect_rows(200);
}

TEST_P(DestinationSuite, ShowsWhatWasWritten) {
  const auto destination = prepared();
  write(*destination, 0, 10);
  if (GetParam().shows_rows_at_once) expect_rows(10);
  destination->finish(context_);
  const auto count = destination->count(true, context_);
  if (count) {
    EXPECT_EQ(*count, 10U);
  }
  const auto in_ledger = destination->ledger_rows(context_);
  EXPECT_EQ(in_ledger.has_value(), GetParam().has_ledger);
  if (in_ledger) {
    EXPECT_EQ(*in_ledger, 10U);
  }
}

TEST_P(DestinationSuite, KeepsNothingOfARehearsal) {
  const auto destination = prepared();
  const Rows rehearsed = rows(0, 10);
  WriteRequest rehearsal = request(rehearsed, 0);
  rehearsal.roll_back = true;
  const WriteResult result = destination->write(rehearsal, context_);
  EXPECT_TRUE(result.exceptions.empty());
  if (GetParam().shows_rows_at_once) expect_rows(0);
  EXPECT_FALSE(write(*destination, 0, 10).from_ledger);
}

TEST_P(DestinationSuite, FinishesAnyNumberOfTimes) {
  {
    const auto destination = prepared();
    write(*destination, 0, 10);
    destination->finish(context_);
    destination->finish(context_);
  }
  expect_rows(10);
}

TEST_P(DestinationSuite, IsAbandonedAnyNumberOfTimes) {
  const auto destination = prepared();
  write(*destination, 0, 10);
  destination->abandon(context_);
  destination->abandon(context_);
}

TEST_P(DestinationSuite, WritesNothingWhenAskedToStop) {
  const auto destination = prepared();
  std::stop_source stop;
  stop.request_stop();
  ConnectorContext context;
  context.stop = stop.get_token();
  const Rows written = rows(0, 10);
  try {
    destination->write(request(written, 0), context);
    // One that had no time to look has written it all.
    if (GetParam().shows_rows_at_once) expect_rows(10);
  } catch (const Error& error) {
    EXPECT_EQ(error.category(), Category::cancelled);
    if (GetParam().shows_rows_at_once) expect_rows(0);
  }
}

/// @}

}  // namespace freight::testing
