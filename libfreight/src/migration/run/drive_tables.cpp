#include <algorithm>
#include <map>
#include <utility>

#include "core/fault_point.hpp"
#include "engine/job_choice.hpp"
#include "freight/error.hpp"
#include "migration/run/drive.hpp"
#include "migration/run/patience.hpp"

// The part of Drive that makes tables and moves their rows.

namespace freight::migration {
namespace {

/// After which rows that refer to each other in a circle will not come any more.
constexpr int most_rounds = 20;

std::string described(const Error& error) {
  return std::string(error.what()) + " (" + std::string(to_string(error.code())) + ")";
}

}  // namespace

void Drive::make_tables() {
  TargetConnection connection(*target_);
  for (std::size_t at = 0; at < outcome_.tables.size(); ++at) {
    TableOutcome& table = outcome_.tables[at];
    const std::string& statement = draft_.plan.tables[at].create;
    if (statement.empty() || table.state == TableState::left_out) continue;
    check();
    try {
      connection.run(statement);
    } catch (const Error& error) {
      if (error.category() == Category::transient) throw;
      table.state = TableState::failed;
      table.message = std::string("the table cannot be made: ") + error.what() +
                      "; a table that is there is taken as it is";
    }
  }
}

void Drive::load_tables() {
  while (true) {
    const auto count = with_.events.count();
    check();
    const bool changed = look_at_jobs();
    begin_ready();
    if (!is_at_work(TableState::waiting) && !is_at_work(TableState::running)) break;
    pause_when_nothing_moves();
    if (changed) save_soon();
    wait_for_events(count);
  }
  save();
}

Drive::Parents Drive::parents_of(std::size_t table) {
  Parents parents = Parents::ready;
  for (const std::size_t parent : draft_.plan.tables[table].after) {
    const TableOutcome& above = outcome_.tables[parent];
    switch (above.state) {
      case TableState::failed:
      case TableState::skipped:
        if (request_->spec.on_table_failure == OnTableFailure::ignore) break;
        outcome_.tables[table].message =
            above.to + ", which it refers to, " +
            (above.state == TableState::failed ? "failed" : "was skipped");
        return Parents::never;
      case TableState::waiting:
      case TableState::running:
        parents = Parents::not_yet;
        break;
      case TableState::completed:
      case TableState::left_out:
        break;
    }
  }
  return parents;
}

void Drive::begin_ready() {
  for (std::size_t at = 0; at < outcome_.tables.size(); ++at) {
    TableOutcome& table = outcome_.tables[at];
    if (table.state != TableState::waiting) continue;
    const Parents parents = parents_of(at);
    if (parents == Parents::not_yet) continue;
    check();
    if (parents == Parents::never) {
      table.state = TableState::skipped;
      continue;
    }
    try {
      begin(at);
    } catch (const Error& error) {
      // Whoever cannot submit now may be able to later: the table waits on.
      if (error.category() == Category::transient || error.category() == Category::throttled) {
        continue;
      }
      table.state = TableState::failed;
      table.message = described(error);
    }
  }
}

void Drive::begin(std::size_t at) {
  const JobSpec& spec = draft_.jobs[at];
  auto earlier = with_.storage.jobs().find_jobs_by_identity(migration_.tenant_id, spec.identity);
  if (spec.rerun != Rerun::refuse || spec.mode != JobMode::run) {
    // Only what this migration itself has begun.
    std::erase_if(earlier, [&](const Job& job) { return job.id != outcome_.tables[at].job_id; });
  }
  const engine::JobChoice choice = engine::choose_job(earlier, {});
  switch (choice.action) {
    case engine::JobAction::submit:
      return submit(at);
    case engine::JobAction::resume:
      if (choice.job->status == JobStatus::paused) {
        with_.jobs.resume(migration_.tenant_id, choice.job->id);
      }
      return adopt(at, *choice.job);
    case engine::JobAction::requeue:
      return engine::wrote_nothing(*choice.job) ? submit(at) : try_again(at, *choice.job);
    case engine::JobAction::show:
      // One that this migration ran itself is done; of another run nobody knows what has changed.
      if (engine::runs_always(spec) && choice.job->id != outcome_.tables[at].job_id) {
        return submit(at);
      }
      adopt(at, *choice.job);
      if (engine::may_take_refused(*choice.job, spec)) {
        with_.jobs.replay(migration_.tenant_id, choice.job->id, {.stage = Stage::write});
      }
      return;
    case engine::JobAction::source_changed:
      break;
  }
  throw Error(Code::source_changed,
              "the source has changed since job " + choice.job->id.to_string() + " began");
}

/// The id is written down before there is a job: whoever goes on finds the job by it, or submits
/// it.
void Drive::submit(std::size_t at) {
  TableOutcome& table = outcome_.tables[at];
  table.job_id = JobId::generate();
  table.state = TableState::running;
  table.message.clear();
  save();
  core::fault_point("migration.before_submit");
  with_.jobs.submit_part(lease_.migration(), *table.job_id, draft_.jobs[at]);
}

void Drive::adopt(std::size_t at, const Job& job) {
  TableOutcome& table = outcome_.tables[at];
  const JobSpec& spec = draft_.jobs[at];
  if (spec.is_bound_to_process()) with_.jobs.attach(migration_.tenant_id, job.id, spec);
  if (job.migration_id != migration_.id) {
    with_.storage.jobs().adopt(migration_.tenant_id, job.id, migration_.id);
  }
  table.job_id = job.id;
  table.state = TableState::running;
  table.message.clear();
}

void Drive::try_again(std::size_t at, const Job& job) {
  adopt(at, job);
  with_.jobs.retry(migration_.tenant_id, job.id, RetryScope::failed_batches);
}

bool Drive::look_at_jobs() {
  bool changed = false;
  for (std::size_t at = 0; at < outcome_.tables.size(); ++at) {
    TableOutcome& table = outcome_.tables[at];
    const bool is_known = jobs_[at].has_value() && table.state != TableState::running;
    if (!table.job_id || is_known) continue;
    const TableState before = table.state;
    note_job(at, find_job(at));
    changed |= table.state != before;
  }
  return changed;
}

void Drive::note_job(std::size_t at, const std::optional<Job>& job) {
  TableOutcome& table = outcome_.tables[at];
  jobs_[at] = job;
  if (table.state != TableState::running) return;
  if (!job) {
    // Its id was written down, and no more; or somebody deleted it.
    with_.jobs.submit_part(lease_.migration(), *table.job_id, draft_.jobs[at]);
    jobs_[at] = find_job(at);
    if (jobs_[at]) return;
    table.state = TableState::failed;
    table.message = "its job was deleted";
    return;
  }
  if (job->status == JobStatus::completed || job->status == JobStatus::completed_with_errors) {
    table.state = TableState::completed;
  } else if (is_final(job->status)) {
    table.state = TableState::failed;
    table.message = job->error ? job->error->message : "its job was cancelled";
  } else if (draft_.jobs[at].is_bound_to_process() && job->waiting_on &&
             job->waiting_on->code == Code::missing_secret) {
    with_.jobs.attach(migration_.tenant_id, job->id, draft_.jobs[at]);
  }
}

/// A job that a limit paused waits for a person, and so does then whatever depends on it.
void Drive::pause_when_nothing_moves() {
  std::string paused;
  for (std::size_t at = 0; at < outcome_.tables.size(); ++at) {
    if (outcome_.tables[at].state != TableState::running) continue;
    const auto& job = jobs_[at];
    if (!job || job->status != JobStatus::paused) return;
    outcome_.tables[at].message = job->error ? job->error->message : "its job is paused";
    paused = job->id.to_string();
  }
  if (paused.empty()) return;
  save();
  outlasting(with_.stopping,
             [&] { return with_.storage.migrations().pause(migration_.tenant_id, migration_.id); });
  throw Halted{Halted::Reason::paused};
}

std::uint64_t Drive::rejected_in(const std::vector<std::size_t>& circle) const {
  std::uint64_t records = 0;
  for (const std::size_t at : circle) {
    if (outcome_.tables[at].state == TableState::completed && jobs_[at]) {
      records += jobs_[at]->records.rejected;
    }
  }
  return records;
}

void Drive::load_circles() {
  std::map<std::size_t, std::vector<std::size_t>> circles;
  for (std::size_t at = 0; at < draft_.plan.tables.size(); ++at) {
    const std::size_t circle = draft_.plan.tables[at].circle;
    if (circle != 0) circles[circle].push_back(at);
  }
  for (const auto& [number, circle] : circles) {
    std::uint64_t before = rejected_in(circle);
    for (int round = 0; round < most_rounds && before > 0; ++round) {
      for (const std::size_t at : circle) replay_refused(at);
      const std::uint64_t after = rejected_in(circle);
      if (after == before) break;
      before = after;
    }
  }
}

void Drive::replay_refused(std::size_t at) {
  TableOutcome& table = outcome_.tables[at];
  const bool is_worth_it = table.state == TableState::completed && jobs_[at] &&
                           engine::may_take_refused(*jobs_[at], draft_.jobs[at]);
  if (!is_worth_it) return;
  const auto result = outlasting(with_.stopping, [&] {
    return with_.jobs.replay(migration_.tenant_id, *table.job_id, {.stage = Stage::write});
  });
  if (result.refusal != ReplayRefusal::none && result.refusal != ReplayRefusal::not_ended) return;
  if (draft_.jobs[at].is_bound_to_process()) {
    with_.jobs.attach(migration_.tenant_id, *table.job_id, draft_.jobs[at]);
  }
  table.state = TableState::running;
  save();
  while (table.state == TableState::running) {
    const auto count = with_.events.count();
    look_at_jobs();
    if (table.state != TableState::running) break;
    pause_when_nothing_moves();
    wait_for_events(count);
  }
}

}  // namespace freight::migration
