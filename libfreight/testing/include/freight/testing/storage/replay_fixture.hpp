#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "freight/testing/storage/storage_fixture.hpp"

namespace freight::testing {

/// A storage, and jobs in it that ended with rejects.
class ReplayFixture : public StorageSuite {
 protected:
  using Ordinals = std::vector<std::uint64_t>;

  static RecordException reject(std::uint64_t ordinal, Code code = Code::type_mismatch,
                                std::string column = "amount") {
    return {.outcome = Outcome::rejected,
            .ordinal = ordinal,
            .line = ordinal + 2,
            .byte_offset = ordinal * 10,
            .byte_length = 9,
            .raw = "raw " + std::to_string(ordinal),
            .errors = {{.code = code,
                        .stage = Stage::validate,
                        .column = std::move(column),
                        .value = "x",
                        .message = "bad"}},
            .key_values = R"({"id":")" + std::to_string(ordinal) + "\"}"};
  }

  /// What a batch comes to when these of its records are rejected.
  static BatchReport with_rejects(const Task& task, std::vector<RecordException> rejects) {
    auto report = completed(task);
    report.counts.succeeded -= rejects.size();
    report.counts.rejected = rejects.size();
    report.written.inserted = report.counts.succeeded;
    report.exceptions = std::move(rejects);
    return report;
  }

  /// Claims what is ready of one lane.
  std::vector<Task> tasks(std::uint32_t execute, std::uint32_t other) {
    return claim(execute, other);
  }

  Task only_task(std::uint32_t execute, std::uint32_t other) {
    auto claimed = claim(execute, other);
    EXPECT_EQ(claimed.size(), 1U);
    return claimed.empty() ? Task{} : claimed.front();
  }

  void end(JobStatus status) {
    const auto task = only_task(0, 1);
    EXPECT_EQ(task.kind, TaskKind::finish);
    EXPECT_TRUE(work().finish_job(finish(task, status)));
  }

  /// A job of batches of 10 records that ended, with these ordinals rejected.
  JobId ended_job(std::uint64_t batches, const std::vector<RecordException>& rejects,
                  std::uint64_t max_stored = 100'000) {
    const auto id = planned_job(batches);
    for (const auto& task : claim(100, 0)) {
      std::vector<RecordException> own;
      for (const auto& exception : rejects) {
        const auto from = task.range.first_ordinal;
        if (exception.ordinal >= from && exception.ordinal < from + task.range.records) {
          own.push_back(exception);
        }
      }
      auto report = with_rejects(task, std::move(own));
      report.max_stored = max_stored;
      acknowledge(report);
    }
    end(rejects.empty() ? JobStatus::completed : JobStatus::completed_with_errors);
    return id;
  }

  ReplayResult replay(JobId id, DeadLetterFilter filter = {}) {
    return jobs().replay({.tenant_id = tenant_, .job_id = id, .filter = std::move(filter)});
  }

  std::vector<DeadLetter> letters(JobId id, DeadLetterFilter filter = {}) {
    return jobs().list_dead_letters(tenant_, id, {.filter = std::move(filter), .limit = 1000});
  }

  std::vector<std::uint64_t> ordinals(JobId id, DeadLetterFilter filter = {}) {
    std::vector<std::uint64_t> found;
    for (const auto& letter : letters(id, std::move(filter))) found.push_back(letter.ordinal);
    return found;
  }

  void expect_sums_agree(JobId id) {
    auto counters = job(id).records;
    EXPECT_EQ(work().sum_batches(tenant_, id), counters);
    EXPECT_EQ(counters.read, counters.accounted());
  }

  static constexpr auto ordinals_of = [](const ReplayBatch& batch) {
    std::vector<std::uint64_t> found;
    for (const auto& record : batch.records) found.push_back(record.ordinal);
    return found;
  };
};

}  // namespace freight::testing
