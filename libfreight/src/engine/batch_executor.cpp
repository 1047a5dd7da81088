#include "engine/batch_executor.hpp"

#include <chrono>
#include <string>
#include <utility>

#include "engine/batch_outcome.hpp"
#include "engine/replay_reader.hpp"
#include "freight/error.hpp"

namespace freight::engine {
namespace {

/// A batch that may not be written yet is read again when it may be; not at once, since its
/// predecessor needs some time as well.
constexpr std::chrono::milliseconds pause_before_turn{20};

/// What a destination would answer that refused every row for `reason`.
WriteResult refusal_of(const OutputBatch& rows, const Failure& reason) {
  WriteResult result;
  result.exceptions.reserve(rows.rows());
  for (const auto ordinal : rows.ordinals) {
    WriteException exception;
    exception.ordinal = ordinal;
    exception.error.code = reason.code;
    exception.error.stage = Stage::write;
    exception.error.message = reason.message;
    exception.error.hint = reason.details.hint;
    exception.error.sqlstate = reason.details.sqlstate;
    result.exceptions.push_back(std::move(exception));
  }
  return result;
}

}  // namespace

BatchReport report_of(const Task& task, TaskVerdict verdict) {
  BatchReport report;
  report.token = task.token;
  report.tenant_id = task.tenant_id;
  report.job_id = task.job_id;
  report.batch_id = task.batch_id;
  report.verdict = verdict;
  return report;
}

BatchExecutor::BatchExecutor(const Stores& stores, const ConnectorRegistry& registry,
                             const Clock& clock, std::size_t max_buffers)
    : stores_(stores), registry_(registry), clock_(clock), max_buffers_(max_buffers) {}

std::optional<BatchReport> BatchExecutor::execute(const LeasedTask& leased, JobRuntime& runtime,
                                                  TaskAttempt& attempt) {
  const auto& task = leased.task;
  const auto& connectors = runtime.connectors(stores_, registry_, attempt);
  PreparedBatch prepared;
  if (auto parked = runtime.turns.unpark(task.token)) {
    prepared = std::move(*parked);
    if (has_ended(attempt)) return report_of(task, TaskVerdict::release);
  } else {
    prepared = {.buffer = buffers_.lend(), .started_at = clock_.now()};
    auto unit = read_and_map(leased, connectors, *prepared.buffer, attempt);
    if (!unit) return report_of(task, TaskVerdict::release);
    prepared.unit = *std::move(unit);
  }
  if (task.ordered) {
    const bool may_park = buffers_.lent() <= max_buffers_;
    const auto answer = runtime.turns.arrive(task.token, prepared, may_park);
    if (answer == WriteTurns::Answer::park) return std::nullopt;
    if (answer == WriteTurns::Answer::go_back) {
      auto report = report_of(task, TaskVerdict::release);
      report.retry_in = pause_before_turn;
      return report;
    }
  }

  auto& buffer = *prepared.buffer;
  const auto written = write(leased, runtime, prepared, attempt);
  runtime.turns.done(task.token);
  check_write_result(written, buffer.mapped.rows);
  attempt.side = Side::mapping;
  auto report = report_of(task, TaskVerdict::completed);
  account(report, buffer, *connectors.mapper, written);
  report.bytes_read = task.range.byte_length;
  report.started_at = prepared.started_at;
  report.max_stored = runtime.spec()->errors.max_stored;
  return report;
}

WriteResult BatchExecutor::write(const LeasedTask& leased, const JobRuntime& runtime,
                                 const PreparedBatch& prepared, TaskAttempt& attempt) {
  const auto& spec = *runtime.spec();
  const auto& connectors = *runtime.made_connectors();
  const bool rehearsal = spec.mode == JobMode::validate;
  if (rehearsal && !spec.rehearse) return {};
  const auto& range = leased.task.range;
  attempt.side = Side::destination;
  auto written = connectors.destination->write({.unit = prepared.unit.name,
                                                .first_ordinal = range.first_ordinal,
                                                .records = range.records,
                                                .content_hash = prepared.unit.content_hash,
                                                .input_hash = connectors.input_hash,
                                                .roll_back = rehearsal,
                                                .rows = prepared.buffer->mapped.rows},
                                               attempt.context);
  // What was rolled back was not written.
  if (rehearsal) written.inserted = written.updated = written.unchanged = 0;
  return written;
}

BatchReport BatchExecutor::reject_all(const LeasedTask& leased, JobRuntime& runtime,
                                      TaskAttempt& attempt, const Failure& reason) {
  const auto& connectors = runtime.connectors(stores_, registry_, attempt);
  const auto started_at = clock_.now();
  const auto buffer = buffers_.lend();
  if (!read_and_map(leased, connectors, *buffer, attempt)) {
    return report_of(leased.task, TaskVerdict::release);
  }
  auto report = report_of(leased.task, TaskVerdict::completed);
  account(report, *buffer, *connectors.mapper, refusal_of(buffer->mapped.rows, reason));
  report.bytes_read = leased.task.range.byte_length;
  report.started_at = started_at;
  report.max_stored = runtime.spec()->errors.max_stored;
  return report;
}

bool BatchExecutor::has_ended(const TaskAttempt& attempt) const {
  return attempt.context.stop.stop_requested() || clock_.steady_now() >= attempt.context.deadline();
}

std::optional<WriteUnit> BatchExecutor::read_and_map(const LeasedTask& leased,
                                                     const JobConnectors& connectors,
                                                     BatchBuffer& buffer,
                                                     TaskAttempt& attempt) const {
  auto unit = leased.task.batch_kind == BatchKind::planned
                  ? read_range(leased.task.range, connectors, buffer.records, attempt)
                  : read_replay(leased.task, connectors, buffer.records, attempt);
  // Asked to stop, a source may return what it has.
  if (!unit || has_ended(attempt)) return std::nullopt;
  if (leased.task.batch_kind == BatchKind::planned) check_read(leased.task.range, buffer.records);
  attempt.side = Side::mapping;
  connectors.mapper->map(buffer.records, buffer.mapped);
  if (has_ended(attempt)) return std::nullopt;
  return unit;
}

WriteUnit BatchExecutor::read_range(const BatchRange& range, const JobConnectors& connectors,
                                    RecordBatch& batch, TaskAttempt& attempt) {
  attempt.side = Side::source;
  connectors.source->read(range, batch, attempt.context);
  return {"r:" + std::to_string(range.first_ordinal), range.content_hash};
}

std::optional<WriteUnit> BatchExecutor::read_replay(const Task& task,
                                                    const JobConnectors& connectors,
                                                    RecordBatch& batch,
                                                    TaskAttempt& attempt) const {
  attempt.side = Side::engine;
  const auto job = stores_.jobs.find_job(task.tenant_id, task.job_id);
  const auto replay = stores_.work.list_replay_records(task.tenant_id, task.job_id, task.sequence);
  // Another has ended this batch: the lease is lost.
  if (!job || replay.records.size() != task.range.records) return std::nullopt;
  ReplayReader(connectors, replay, job->source_fields).read(batch, attempt);
  return WriteUnit{replay_unit(replay), replay_content_hash(replay)};
}

}  // namespace freight::engine
