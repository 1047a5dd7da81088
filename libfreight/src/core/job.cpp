#include "freight/job.hpp"

#include <algorithm>
#include <array>

#include "core/enum_names.hpp"
#include "freight/job_queries.hpp"

namespace freight {
namespace {

constexpr core::EnumNames<9> job_status_names{"scheduled",
                                              "pending",
                                              "running",
                                              "paused",
                                              "cancelling",
                                              "completed",
                                              "completed_with_errors",
                                              "failed",
                                              "cancelled"};
constexpr core::EnumNames<5> batch_status_names{"ready", "leased", "completed", "failed",
                                                "cancelled"};
constexpr core::EnumNames<3> node_state_names{"idle", "working", "lost"};
constexpr core::EnumNames<3> batch_kind_names{"planned", "replay", "foreign_keys"};
constexpr core::EnumNames<3> dead_letter_state_names{"open", "replayed", "discarded"};

using enum JobStatus;

// A claim moves a job to `running`, and a job stays `running` while its workers come and go. A job
// that is paused or cancelling still has batches in flight, and a finish that is in flight has the
// last word: the destination may be finished already, and the state must say what is true.
constexpr std::array job_table{
    JobTransition{scheduled, pending, "its time has come"},
    JobTransition{scheduled, paused, "paused before its time"},
    JobTransition{scheduled, cancelled, "cancelled before its time"},
    JobTransition{pending, running, "its first task is claimed"},
    JobTransition{pending, paused, "paused before a task is claimed"},
    JobTransition{pending, failed,
                  "it can never run: its spec is of a newer format, or asks for what is not there"},
    JobTransition{pending, cancelled, "cancelled before a task is claimed"},
    JobTransition{running, paused, "paused by a person or by a limit"},
    JobTransition{running, cancelling, "cancelled while batches are in flight"},
    JobTransition{running, completed, "finished, nothing rejected"},
    JobTransition{running, completed_with_errors, "finished, some records rejected"},
    JobTransition{running, failed, "stopped by an error or a limit, or batches were given up"},
    JobTransition{running, cancelled, "cancelled while nothing is in flight"},
    JobTransition{paused, scheduled, "resumed before its time"},
    JobTransition{paused, pending, "resumed"},
    JobTransition{paused, running, "resumed while batches are in flight"},
    JobTransition{paused, cancelling, "cancelled while batches are in flight"},
    JobTransition{paused, completed, "the finish was in flight when the pause came"},
    JobTransition{paused, completed_with_errors, "the finish was in flight when the pause came"},
    JobTransition{paused, failed, "a batch in flight met an error that stops the job"},
    JobTransition{paused, cancelled, "cancelled while nothing is in flight"},
    JobTransition{cancelling, completed, "the finish was in flight when the cancellation came"},
    JobTransition{cancelling, completed_with_errors,
                  "the finish was in flight when the cancellation came"},
    JobTransition{cancelling, failed, "a batch in flight met an error that stops the job"},
    JobTransition{cancelling, cancelled, "the last batch in flight has ended"},
    JobTransition{completed_with_errors, pending, "rejected records are replayed"},
    JobTransition{failed, pending, "retried"},
    JobTransition{cancelled, pending, "retried"},
};

constexpr std::array batch_table{
    BatchTransition{BatchStatus::ready, BatchStatus::leased, "claimed"},
    BatchTransition{BatchStatus::ready, BatchStatus::cancelled, "the job has ended"},
    BatchTransition{BatchStatus::leased, BatchStatus::leased,
                    "the lease ran out or its node died; another claims it"},
    BatchTransition{BatchStatus::leased, BatchStatus::ready, "to be retried, or handed back"},
    BatchTransition{BatchStatus::leased, BatchStatus::completed, "acknowledged"},
    BatchTransition{BatchStatus::leased, BatchStatus::failed, "given up"},
    BatchTransition{BatchStatus::leased, BatchStatus::cancelled, "the job has ended"},
    BatchTransition{BatchStatus::failed, BatchStatus::ready, "the job is retried"},
    BatchTransition{BatchStatus::cancelled, BatchStatus::ready, "the job is retried"},
    BatchTransition{BatchStatus::completed, BatchStatus::ready,
                    "the job is retried, and nothing of it is left in the destination"},
};

template <typename Table, typename Status>
bool holds(const Table& table, Status from, Status to) {
  return std::any_of(table.begin(), table.end(), [&](const auto& transition) {
    return transition.from == from && transition.to == to;
  });
}

}  // namespace

std::string_view to_string(JobStatus status) { return core::enum_name(job_status_names, status); }
std::optional<JobStatus> parse_job_status(std::string_view name) {
  return core::parse_enum<JobStatus>(job_status_names, name);
}
std::string_view to_string(BatchStatus status) {
  return core::enum_name(batch_status_names, status);
}
std::optional<BatchStatus> parse_batch_status(std::string_view name) {
  return core::parse_enum<BatchStatus>(batch_status_names, name);
}
std::string_view to_string(BatchKind kind) { return core::enum_name(batch_kind_names, kind); }
std::optional<BatchKind> parse_batch_kind(std::string_view name) {
  return core::parse_enum<BatchKind>(batch_kind_names, name);
}
std::string_view to_string(DeadLetterState state) {
  return core::enum_name(dead_letter_state_names, state);
}
std::optional<DeadLetterState> parse_dead_letter_state(std::string_view name) {
  return core::parse_enum<DeadLetterState>(dead_letter_state_names, name);
}

std::string_view to_string(NodeState state) { return core::enum_name(node_state_names, state); }

bool is_final(JobStatus status) {
  return status == completed || status == completed_with_errors || status == failed ||
         status == cancelled;
}

std::span<const JobTransition> job_transitions() { return job_table; }
std::span<const BatchTransition> batch_transitions() { return batch_table; }
bool can_transition(JobStatus from, JobStatus to) { return holds(job_table, from, to); }
bool can_transition(BatchStatus from, BatchStatus to) { return holds(batch_table, from, to); }

std::vector<std::string_view> actions_of(JobStatus status) {
  const bool ended = is_final(status);
  std::vector<std::string_view> actions;
  if (can_transition(status, paused)) actions.emplace_back("pause");
  if (status == paused) actions.emplace_back("resume");
  if (!ended && status != cancelling) actions.emplace_back("cancel");
  if (ended && can_transition(status, pending)) actions.emplace_back("retry");
  if (ended) actions.emplace_back("delete");
  return actions;
}

RecordCounts& RecordCounts::operator+=(const RecordCounts& other) {
  read += other.read;
  succeeded += other.succeeded;
  rejected += other.rejected;
  skipped += other.skipped;
  filtered += other.filtered;
  with_warnings += other.with_warnings;
  return *this;
}

WrittenCounts& WrittenCounts::operator+=(const WrittenCounts& other) {
  inserted += other.inserted;
  updated += other.updated;
  unchanged += other.unchanged;
  return *this;
}

}  // namespace freight
