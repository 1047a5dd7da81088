#pragma once

#include <array>
#include <chrono>
#include <vector>

#include "freight/testing/storage/storage_fixture.hpp"

namespace freight::testing {

/// Jobs in every status, and short words for what a person asks of them.
class JobControlFixture : public StorageSuite {
 protected:
  static constexpr std::array all_statuses{JobStatus::scheduled,
                                           JobStatus::pending,
                                           JobStatus::running,
                                           JobStatus::paused,
                                           JobStatus::cancelling,
                                           JobStatus::completed,
                                           JobStatus::completed_with_errors,
                                           JobStatus::failed,
                                           JobStatus::cancelled};

  StateChange pause(JobId id) { return jobs().pause(tenant_, id, std::nullopt); }
  StateChange resume(JobId id) { return jobs().resume(tenant_, id); }
  StateChange cancel(JobId id) { return jobs().cancel(tenant_, id); }
  JobStatus status(JobId id) { return job(id).status; }

  JobId scheduled_job(std::chrono::microseconds in) {
    auto request = new_job(tenant_);
    request.run_at = Timestamp(std::chrono::time_point_cast<std::chrono::microseconds>(
                         std::chrono::system_clock::now())) +
                     in;
    const auto id = JobId::generate();
    jobs().submit(id, request);
    return id;
  }

  /// A job in the status, made of what leads there.
  JobId job_in(JobStatus status) {
    switch (status) {
      case JobStatus::scheduled:
        return scheduled_job(std::chrono::hours(1));
      case JobStatus::pending:
        return submit();
      case JobStatus::running:
        return planned_job(1);
      case JobStatus::paused: {
        const auto id = submit();
        pause(id);
        return id;
      }
      case JobStatus::cancelling: {
        const auto id = planned_job(1);
        claim_of(id, 1, 0);
        cancel(id);
        return id;
      }
      default: {
        const auto id = planned_job(0);
        auto report = finish(claim_of(id, 0, 1).at(0), status);
        EXPECT_TRUE(work().finish_job(report));
        return id;
      }
    }
  }

  std::vector<Task> claim_of(JobId id, std::uint32_t execute, std::uint32_t other) {
    auto ask = request(execute, other);
    ask.only_job = id;
    return work().claim(ask);
  }
};

}  // namespace freight::testing
