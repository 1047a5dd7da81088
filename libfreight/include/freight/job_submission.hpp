#pragma once

#include <chrono>
#include <compare>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "freight/ids.hpp"
#include "freight/job.hpp"
#include "freight/source.hpp"
#include "freight/time.hpp"

// What goes to JobStore and comes from it while jobs are submitted and controlled.

namespace freight {

/// @addtogroup running
/// @{

/// The whole plan of a job of one batch whose source was planned while the job was submitted.
struct SubmittedPlan {
  BatchRange batch;
  std::optional<std::uint64_t> bytes_total = {};
  std::optional<std::uint64_t> source_count = {};
  std::vector<std::string> source_fields = {};
  std::vector<std::string> warnings = {};
};

/// What a job is made of. Most of it comes from its JobSpec: see Job.
struct NewJob {
  TenantId tenant_id;
  std::string name;
  int priority = 5;
  std::map<std::string, std::string> labels;
  /// It is one of a migration's.
  std::optional<MigrationId> migration_id = {};
  std::string spec;
  std::string identity;
  std::string load_identity;
  std::string fingerprint;
  std::string node_affinity;
  /// Batches are written in source order: see WorkStore::claim().
  bool ordered = false;
  /// When the job has failed nothing of it is left in the destination: see JobStore::retry().
  bool restarts = false;
  /// In the future: the job is `scheduled` until then.
  std::optional<Timestamp> run_at = {};
  /// From its start on; zero for none.
  std::chrono::seconds timeout{0};
  /// Nothing is left to plan: the batch is ready at once. nullopt: there is a plan task.
  std::optional<SubmittedPlan> plan = {};
};

/// One of several jobs that are submitted together.
struct JobSubmission {
  JobId id;
  NewJob job;
};

/// Makes a request known again, for seven days.
struct IdempotencyKey {
  /// 1 to 255 bytes.
  std::string key;
  /// A hash of all that was asked for.
  std::string request;
};

/// What became of a submission with an idempotency key.
struct SubmitResult {
  /// The job of the first request with the key.
  JobId job_id;
  /// False: this was not the first.
  bool created = true;
  /// The first one asked for something else.
  bool conflict = false;
};

/// The answer to a request that a job be in another state.
struct StateChange {
  /// The job is as asked for, now or already (`changed` tells), or on its way (`cancelling`).
  bool accepted = false;
  bool changed = false;
  /// After the request.
  JobStatus status = JobStatus::pending;
};

/// Names a job in answers that speak of several.
struct JobReference {
  TenantId tenant_id;
  JobId job_id;

  /// By tenant, then by job.
  friend auto operator<=>(const JobReference&, const JobReference&) = default;
};

/// Names a migration.
struct MigrationReference {
  TenantId tenant_id;
  MigrationId migration_id;

  /// By tenant, then by migration.
  friend auto operator<=>(const MigrationReference&, const MigrationReference&) = default;
};

/// @}

}  // namespace freight
