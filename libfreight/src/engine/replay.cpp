#include "engine/replay.hpp"

#include <string>
#include <utility>
#include <vector>

#include <boost/json.hpp>

#include "connectors/json/object_reader.hpp"
#include "engine/stored_spec.hpp"
#include "freight/error.hpp"

namespace freight::engine {
namespace {

/// How many corrections go to the storage at a time, whichever comes first.
constexpr std::size_t most_staged = 1000;
constexpr std::size_t most_staged_bytes = std::size_t{4} << 20;
constexpr std::size_t longest_record = std::size_t{8} << 20;

std::string text_at(const boost::json::value& spec, std::string_view section,
                    std::string_view key) {
  const auto* const object = spec.is_object() ? spec.get_object().if_contains(section) : nullptr;
  const auto* const text =
      object != nullptr && object->is_object() ? object->get_object().if_contains(key) : nullptr;
  return text != nullptr && text->is_string() ? std::string(text->get_string().c_str()) : "";
}

/// A file that was put in its place, or a table that was exchanged, is not added to: what the
/// destination is then, else nullopt.
std::optional<std::string> closed_destination(const Job& job) {
  boost::system::error_code failed;
  const auto spec = boost::json::parse(job.spec, failed);
  if (failed || !spec.is_object()) return std::nullopt;
  const auto* const mode = spec.get_object().if_contains("mode");
  if (mode != nullptr && mode->is_string() && mode->get_string() == "validate") return std::nullopt;
  const auto type = text_at(spec, "destination", "type");
  if (type == "csv" || type == "jsonl") return "a file";
  if (text_at(spec, "destination", "write_disposition") != "replace") return std::nullopt;
  return "a table that was replaced as a whole";
}

Job known_job(JobStore& store, TenantId tenant_id, JobId job_id) {
  auto job = store.find_job(tenant_id, job_id);
  if (!job) throw Error(Code::not_found, "there is no job " + job_id.to_string());
  return std::move(*job);
}

Job replayable_job(JobStore& store, TenantId tenant_id, JobId job_id) {
  auto job = known_job(store, tenant_id, job_id);
  if (const auto closed = closed_destination(job)) {
    throw Error(Code::invalid_state,
                "the rejects of this job cannot be replayed: its destination is " + *closed,
                {.hint = "correct the source and run the job anew"});
  }
  return job;
}

ReplayRequest request_for(const Job& job) {
  const auto sizes = stored_batch_sizes(job);
  return {.tenant_id = job.tenant_id,
          .job_id = job.id,
          .filter = {},
          .corrections = {},
          .max_records = sizes.max_records,
          .max_bytes = sizes.max_bytes};
}

std::size_t size_of(const Correction& correction) {
  auto size = correction.record.size() + sizeof(Correction);
  for (const auto& text : correction.texts) size += sizeof(text) + (text ? text->size() : 0);
  return size;
}

void check(const Correction& correction, TextArena& arena) {
  const auto refuse = [&](const std::string& what) {
    throw Error(Code::invalid_value,
                "the correction of record " + std::to_string(correction.ordinal) + ' ' + what);
  };
  if (size_of(correction) > longest_record) refuse("is longer than 8 MiB");
  if (correction.record.empty()) return;
  json::ObjectReader reader;
  arena.clear();
  if (const auto fault = reader.read(correction.record, arena)) {
    refuse("is no JSON object: at byte " + std::to_string(fault->offset) + ' ' +
           std::string(fault->reason));
  }
}

/// Returns how many there were.
std::uint64_t stage(JobStore& store, const Job& job, ReplayId replay_id,
                    const CorrectionReader& next) {
  std::uint64_t staged = 0;
  std::vector<Correction> chunk;
  std::size_t bytes = 0;
  TextArena arena;
  const auto flush = [&] {
    if (!chunk.empty()) store.stage_corrections(job.tenant_id, job.id, replay_id, chunk);
    staged += chunk.size();
    chunk.clear();
    bytes = 0;
  };
  Correction correction;
  while (next(correction)) {
    check(correction, arena);
    bytes += size_of(correction);
    chunk.push_back(std::exchange(correction, {}));
    if (chunk.size() == most_staged || bytes >= most_staged_bytes) flush();
  }
  flush();
  return staged;
}

}  // namespace

RetryResult retry_ended(JobStore& store, TenantId tenant_id, JobId job_id, RetryScope scope) {
  const auto job = known_job(store, tenant_id, job_id);
  const bool closed = closed_destination(job).has_value();
  if (closed && scope == RetryScope::rejected_records && is_final(job.status)) {
    return {.refusal = RetryRefusal::destination_closed, .status = job.status};
  }
  const auto sizes = stored_batch_sizes(job);
  // What is written anew as a whole tries its rejects again with all the rest.
  auto result = store.retry({.tenant_id = tenant_id,
                             .job_id = job_id,
                             .scope = closed ? RetryScope::failed_batches : scope,
                             .max_records = sizes.max_records,
                             .max_bytes = sizes.max_bytes});
  if (closed && result.refusal == RetryRefusal::nothing_to_retry && scope == RetryScope::all &&
      result.status == JobStatus::completed_with_errors) {
    result.refusal = RetryRefusal::destination_closed;
  }
  return result;
}

ReplayResult replay_selected(JobStore& store, TenantId tenant_id, JobId job_id,
                             const DeadLetterFilter& filter) {
  auto request = request_for(replayable_job(store, tenant_id, job_id));
  request.filter = filter;
  return store.replay(request);
}

ReplayResult replay_corrected(JobStore& store, TenantId tenant_id, JobId job_id,
                              const CorrectionReader& corrections) {
  const auto job = replayable_job(store, tenant_id, job_id);
  ReplayResult result{.refusal = ReplayRefusal::not_ended, .status = job.status};
  if (!is_final(job.status)) return result;
  const auto replay_id = ReplayId::generate();
  if (stage(store, job, replay_id, corrections) == 0) {
    result.refusal = ReplayRefusal::nothing_open;
    return result;
  }
  auto request = request_for(job);
  request.corrections = replay_id;
  return store.replay(request);
}

}  // namespace freight::engine
