#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>

#include "exit_status.hpp"
#include "freight/connector_registry.hpp"
#include "freight/job_engine.hpp"
#include "freight/job_spec.hpp"
#include "freight/storage.hpp"
#include "options.hpp"
#include "tenant_storage.hpp"

namespace freight::daemon {

/// Runs one job from its spec to its report, and what was begun before to its end: the heart of the
/// commands `run`, `validate`, `replay` and `retry`.
class JobRun {
 public:
  JobRun(JobSpec spec, const Options& options);

  /// The exit status. Throws Error for what keeps the job from being begun, and Interrupted.
  ExitStatus run();

  /// Tries the rejected records of `job` again, as the options say, and runs it to its end. The
  /// spec is the job's.
  ExitStatus replay(TenantStorage from, const Job& job);

  /// Puts what `scope` says of the ended `job` back to work, and runs it to its end.
  ExitStatus retry(TenantStorage from, const Job& job, RetryScope scope);

 private:
  /// The job that this run is about, and whether there is work to do for it.
  struct Begun {
    JobId id;
    bool ended = false;
  };

  bool looks_for_earlier_jobs() const;
  std::string input_fingerprint();
  void open();
  Begun begin();
  std::optional<Begun> try_begin();
  std::optional<Begun> submit_after(std::span<const Job> jobs);
  void refuse_over_limit(const Job& job) const;
  void refuse_other_input(const Job& job);
  std::optional<Begun> requeue(const Job& job);
  Begun resume(const Job& job) const;
  bool try_refused_again(const Job& job) const;
  ReplayResult begin_replay(const Job& job) const;
  RetryResult begin_retry(const Job& job, RetryScope scope) const;
  ExitStatus work_again(const Job& job);
  Job work(JobId id);
  Job watch(JobEngine& engine, JobId id);
  ExitStatus stop_early(const Job& job, const std::string& how_to_go_on);
  ExitStatus conclude(const Job& job);
  std::unique_ptr<JobEngine> make_engine(std::optional<JobId> only_job = std::nullopt) const;

  JobSpec spec_;
  const Options& options_;
  ConnectorRegistry connectors_;
  /// Looked at once, before anything is begun; empty when it is of no matter.
  std::string fingerprint_;
  /// What it was looked at with: as long as it is there a compressed file need not be unpacked
  /// again.
  std::unique_ptr<Source> looked_at_;
  std::unique_ptr<Storage> storage_;
  TenantId tenant_id_;
};

}  // namespace freight::daemon
