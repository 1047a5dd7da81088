// Jobs whose batches are written in source order: the order holds whatever the number of workers
// and nodes, and nothing waits for ever.

#include <atomic>

#include "support/engine_fixture.hpp"

namespace freight::testing::engine_ordered_test {
namespace {

const std::string fast_retries =
    R"(,"retry":{"initial_interval_ms":20,"max_interval_ms":40,"max_attempts":4})";

class EngineOrderedTest : public EngineTest {
 protected:
  EngineOrderedTest() { script_->ordered = true; }

  std::vector<std::string> units(std::uint64_t batches) const {
    std::vector<std::string> expected;
    for (std::uint64_t batch = 0; batch < batches; ++batch) {
      expected.push_back("r:" + std::to_string(batch * 10));
    }
    return expected;
  }

  void expect_in_order(std::uint64_t batches) const {
    const std::lock_guard lock(script_->mutex);
    EXPECT_EQ(script_->order, units(batches));
  }

  /// Reading takes another time for each batch, so that they are ready in another order.
  void read_unevenly() {
    script_->on_read = [](const BatchRange& range, ConnectorContext&) {
      std::this_thread::sleep_for(milliseconds(range.first_ordinal / 10 % 3 == 0 ? 15 : 1));
    };
  }
};

TEST_P(EngineOrderedTest, WritesInSourceOrderWithAnyNumberOfWorkers) {
  for (const unsigned workers : {1U, 2U, 4U}) {
    SCOPED_TRACE(workers);
    script_->records = 400;
    script_->ledger.clear();
    script_->arrivals.clear();
    script_->order.clear();
    read_unevenly();
    const auto job = run(scripted_spec(), {.workers = workers});
    expect_completed(job, 400);
    expect_in_order(40);
    EXPECT_EQ(job.batch_attempts, 40U);
  }
}

TEST_P(EngineOrderedTest, ReadsWhileAnotherBatchIsWritten) {
  std::atomic<int> writing = 0;
  std::atomic<bool> overlapped = false;
  script_->on_read = [&](const BatchRange& range, ConnectorContext&) {
    if (range.first_ordinal != 10) return;
    EXPECT_TRUE(eventually([&] { return writing > 0; }));
    overlapped = true;
  };
  script_->on_write = [&](const WriteRequest&, ConnectorContext&) {
    EXPECT_EQ(++writing, 1) << "two batches are written at once";
    EXPECT_TRUE(eventually([&] { return overlapped.load(); }));
    --writing;
  };
  expect_completed(run(scripted_spec(), {.workers = 3}), 100);
  expect_in_order(10);
}

TEST_P(EngineOrderedTest, ABatchThatIsRetriedHoldsBackItsSuccessors) {
  read_unevenly();
  std::atomic<int> failures = 0;
  script_->on_write = [&](const WriteRequest& request, ConnectorContext&) {
    if (request.first_ordinal == 20 && failures++ < 3) {
      throw Error(Code::serialization_failure, "once more, please");
    }
  };
  const auto job = run(scripted_spec(fast_retries), {.workers = 4});
  expect_completed(job, 100);
  expect_in_order(10);
  EXPECT_EQ(job.retries, 3U);
}

TEST_P(EngineOrderedTest, ABatchThatCannotBeReadAtFirstHoldsBackItsSuccessors) {
  std::atomic<int> failures = 0;
  script_->on_read = [&](const BatchRange& range, ConnectorContext&) {
    if (range.first_ordinal == 10 && failures++ < 2) {
      throw Error(Code::source_unavailable, "not now");
    }
  };
  expect_completed(run(scripted_spec(fast_retries), {.workers = 2}), 100);
  expect_in_order(10);
}

TEST_P(EngineOrderedTest, ABatchThatIsGivenUpPassesItsTurn) {
  read_unevenly();
  script_->on_write = [&](const WriteRequest& request, ConnectorContext&) {
    if (request.first_ordinal == 30) throw Error(Code::serialization_failure, "never");
  };
  const auto job = run(scripted_spec(fast_retries), {.workers = 2});
  EXPECT_EQ(job.status, JobStatus::failed);
  EXPECT_EQ(job.batches_failed, 1U);
  auto expected = units(10);
  expected.erase(expected.begin() + 3);
  EXPECT_EQ(script_->order, expected);
}

TEST_P(EngineOrderedTest, TheSpecMayAskForItOfAnyDestination) {
  script_->ordered = false;
  read_unevenly();
  // Until the parser knows the key.
  auto spec = scripted_spec();
  spec.write_order = WriteOrder::source;
  expect_completed(run(spec, {.workers = 4}), 100);
  expect_in_order(10);
}

TEST_P(EngineOrderedTest, TwoEnginesKeepTheOrderBetweenThem) {
  script_->records = 400;
  read_unevenly();
  script_->on_write = [](const WriteRequest& request, ConnectorContext& context) {
    if (request.first_ordinal % 70 == 0 && context.attempt == 1) {
      throw Error(Code::serialization_failure, "once more, please");
    }
  };
  auto first = start_engine({.workers = 2, .poll = milliseconds(20)});
  auto second = start_engine({.workers = 2, .poll = milliseconds(20)});
  const auto job = wait(*first, first->submit(tenant_, scripted_spec(fast_retries)));
  expect_completed(job, 400);
  expect_in_order(40);
}

TEST_P(EngineOrderedTest, AnotherEngineGoesOnWhereOneStopped) {
  script_->records = 300;
  std::atomic<int> written = 0;
  script_->on_write = [&](const WriteRequest&, ConnectorContext&) {
    ++written;
    std::this_thread::sleep_for(milliseconds(3));
  };
  const auto id = [&] {
    auto first = start_engine({.workers = 3});
    const auto submitted = first->submit(tenant_, scripted_spec());
    EXPECT_TRUE(eventually([&] { return written > 5; }));
    first->stop();
    return submitted;
  }();
  auto second = start_engine({.workers = 3});
  expect_completed(wait(*second, id), 300);
  expect_in_order(30);
}

TEST_P(EngineOrderedTest, ASlowWriteKeepsNoWorkerFromOtherJobs) {
  // All that is behind the slow batch is parked; the workers do the other job meanwhile.
  std::atomic<bool> go_on = false;
  script_->on_write = [&](const WriteRequest& request, ConnectorContext& context) {
    while (request.first_ordinal == 0 && !go_on && !context.stop.stop_requested()) {
      std::this_thread::sleep_for(milliseconds(2));
    }
  };
  const auto other_tenant = storage_->tenants().find_or_create("other").id;
  auto engine = start_engine();
  const auto slow = engine->submit(tenant_, scripted_spec());
  EXPECT_TRUE(eventually([&] {
    const auto job = engine->find(tenant_, slow);
    return job && job->status == JobStatus::running;
  }));
  const auto other_spec =
      parse_job_spec(R"({"source":{"type":"scripted"},"destination":{"type":"null"},)"
                     R"("batch":{"max_records":10}})",
                     {.custom_sources = {"scripted"}})
          .value();
  const auto quick = engine->submit(other_tenant, other_spec);
  const auto ended = engine->wait(other_tenant, quick, std::chrono::seconds(20));
  EXPECT_TRUE(is_final(ended.status)) << describe(ended);
  EXPECT_FALSE(is_final(engine->find(tenant_, slow)->status));
  go_on = true;
  EXPECT_EQ(wait(*engine, slow).status, JobStatus::completed);
  expect_in_order(10);
}

INSTANTIATE_TEST_SUITE_P(Storages, EngineOrderedTest,
                         ::testing::Values(StorageBackend::sqlite, StorageBackend::postgresql),
                         name_of);

}  // namespace
}  // namespace freight::testing::engine_ordered_test
