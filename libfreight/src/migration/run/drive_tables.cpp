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
/// With more the jobs are looked up together.
constexpr std::size_t few_jobs = 16;

std::string described(const Error& error) {
  return std::string(error.what()) + " (" + std::string(to_string(error.code())) + ")";
}

}  // namespace

void Drive::make_tables() {
  TargetConnection connection(*target_);
  for (std::size_t at = 0; at < outcome_.tables.size(); ++at) {
    const std::string& statement = draft_.plan.tables[at].create;
    if (statement.empty() || outcome_.tables[at].state == TableState::left_out) continue;
    check();
    try {
      connection.run(statement);
    } catch (const Error& error) {
      if (error.category() == Category::transient) throw;
      set_state(at, TableState::failed,
                std::string("the table cannot be made: ") + error.what() +
                    "; a table that is there is taken as it is");
    }
  }
}

void Drive::load_tables() {
  while (true) {
    const auto count = engine_.changes.count();
    check();
    look_at_jobs();
    begin_ready();
    if (!is_at_work(TableState::waiting) && !is_at_work(TableState::running)) break;
    pause_when_nothing_moves();
    save_soon();
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
  std::vector<Submission> submissions;
  std::size_t left = is_at_work(TableState::waiting) ? room() : 0;
  for (std::size_t at = 0; at < outcome_.tables.size(); ++at) {
    if (outcome_.tables[at].state != TableState::waiting) continue;
    const Parents parents = parents_of(at);
    if (parents == Parents::not_yet) continue;
    if (parents == Parents::never) {
      set_state(at, TableState::skipped, std::move(outcome_.tables[at].message));
      dirty_ = true;
      continue;
    }
    if (left == 0) continue;
    check();
    for_table(at, [&] {
      const auto submission = begin(at);
      if (!submission) return;
      submissions.push_back(*submission);
      --left;
    });
  }
  submit(submissions);
}

template <typename Work>
void Drive::for_table(std::size_t at, Work work) {
  try {
    work();
  } catch (const Error& error) {
    // Whoever cannot now may be able to later: the table waits on.
    const bool may_pass =
        error.category() == Category::transient || error.category() == Category::throttled;
    if (may_pass) return;
    if (to_string(error.code()).starts_with("storage_")) throw;
    set_state(at, TableState::failed, described(error));
  }
}

std::size_t Drive::room() {
  const auto tenant = engine_.storage.tenants().find(migration_.tenant_id);
  if (!tenant || !tenant->limits.max_queued_jobs) return outcome_.tables.size();
  const TenantUsage usage = engine_.storage.jobs().usage(migration_.tenant_id);
  std::uint64_t queued = 0;
  for (const auto& [status, count] : usage.jobs) {
    if (status == JobStatus::scheduled || status == JobStatus::pending) queued += count;
  }
  const std::uint64_t most = *tenant->limits.max_queued_jobs;
  return queued >= most ? 0 : static_cast<std::size_t>(most - queued);
}

std::string Drive::fingerprint(std::size_t at) {
  const JobSpec& spec = draft_.jobs[at];
  if (!source_file(spec.source)) return {};
  ConnectorContext context;
  context.tenant_id = migration_.tenant_id;
  const auto source =
      engine_.connectors.make_source({.spec = spec, .tenant_id = migration_.tenant_id});
  source->describe(context);
  return source->fingerprint(context);
}

std::optional<Drive::Submission> Drive::begin(std::size_t at) {
  const JobSpec& spec = draft_.jobs[at];
  const auto& own = outcome_.tables[at].job_id;
  auto earlier = engine_.storage.jobs().find_jobs_by_identity(migration_.tenant_id, spec.identity);
  Submission submission{.table = at};
  if (!earlier.empty()) submission.newest = earlier.front().id;
  if (spec.rerun != Rerun::refuse || spec.mode != JobMode::run) {
    // Only what this migration itself has begun.
    std::erase_if(earlier, [&](const Job& job) { return job.id != own; });
  }
  const engine::JobChoice choice =
      engine::choose_job(earlier, earlier.empty() ? std::string() : fingerprint(at));
  switch (choice.action) {
    case engine::JobAction::submit:
      return submission;
    case engine::JobAction::resume:
      watch(at, *choice.job);
      return std::nullopt;
    case engine::JobAction::requeue:
      if (engine::wrote_nothing(*choice.job)) return submission;
      try_again(at, *choice.job);
      return std::nullopt;
    case engine::JobAction::show:
      // One that this migration ran itself is done; of another run nobody knows what has changed.
      if (engine::runs_always(spec) && choice.job->id != own) return submission;
      adopt(at, *choice.job);
      watch(at, *choice.job);
      if (engine::may_take_refused(*choice.job, spec)) {
        engine_.jobs.replay(migration_.tenant_id, choice.job->id, {.stage = Stage::write});
      }
      return std::nullopt;
    case engine::JobAction::source_changed:
      break;
  }
  throw Error(Code::source_changed,
              "the source has changed since job " + choice.job->id.to_string() + " began");
}

/// The ids are written down before there are jobs: whoever goes on finds a job by its id, or looks
/// anew. When somebody else was faster, what he began is looked at.
void Drive::submit(const std::vector<Submission>& submissions) {
  if (submissions.empty()) return;
  for (const Submission& one : submissions) {
    outcome_.tables[one.table].job_id = JobId::generate();
    jobs_[one.table].reset();
    set_state(one.table, TableState::running);
  }
  save();
  core::fault_point("migration.before_submit");
  for (const Submission& one : submissions) {
    check();
    for_table(one.table, [&] {
      const JobId id = *outcome_.tables[one.table].job_id;
      if (engine_.jobs.submit_part(lease_.migration(), id, draft_.jobs[one.table], one.newest))
        return;
      set_state(one.table, TableState::waiting);
    });
  }
}

/// The table is done when this job is.
void Drive::watch(std::size_t at, const Job& job) {
  outcome_.tables[at].job_id = job.id;
  jobs_[at].reset();
  set_state(at, TableState::running);
}

void Drive::adopt(std::size_t at, const Job& job) {
  const JobSpec& spec = draft_.jobs[at];
  if (job.migration_id && job.migration_id != migration_.id && !is_final(job.status)) {
    const auto other = engine_.storage.migrations().find(migration_.tenant_id, *job.migration_id);
    // It is another one's to steer as long as somebody drives that.
    if (other && !is_final(other->status) && other->driven) return;
  }
  if (spec.is_bound_to_process()) engine_.jobs.attach(migration_.tenant_id, job.id, spec);
  if (job.migration_id == migration_.id) return;
  engine_.storage.jobs().adopt(migration_.tenant_id, job.id, migration_.id);
  if (job.status == JobStatus::paused) engine_.jobs.resume(migration_.tenant_id, job.id);
}

void Drive::try_again(std::size_t at, const Job& job) {
  adopt(at, job);
  watch(at, job);
  engine_.jobs.retry(migration_.tenant_id, job.id, RetryScope::failed_batches);
}

void Drive::look_at_jobs() {
  std::vector<std::size_t> wanted;
  for (std::size_t at = 0; at < outcome_.tables.size(); ++at) {
    const TableOutcome& table = outcome_.tables[at];
    if (!table.job_id) continue;
    if (table.state == TableState::running || !jobs_[at]) wanted.push_back(at);
  }
  std::map<JobId, Job> together;
  if (wanted.size() > few_jobs) {
    for (Job& job : live_jobs()) together.emplace(job.id, std::move(job));
  }
  for (const std::size_t at : wanted) {
    const auto found = together.find(*outcome_.tables[at].job_id);
    note_job(at, found == together.end() ? find_job(at) : std::optional(found->second));
  }
}

void Drive::note_job(std::size_t at, const std::optional<Job>& job) {
  jobs_[at] = job;
  if (outcome_.tables[at].state != TableState::running) return;
  // Its id was written down, and no more; or somebody deleted it.
  if (!job) return set_state(at, TableState::waiting);
  if (job->status == JobStatus::completed || job->status == JobStatus::completed_with_errors) {
    return set_state(at, TableState::completed);
  }
  if (is_final(job->status)) {
    return set_state(at, TableState::failed,
                     job->error ? job->error->message : "its job was cancelled");
  }
  const bool is_secret = job->waiting_on && job->waiting_on->code == Code::missing_secret;
  if (is_secret || job->migration_id != migration_.id) for_table(at, [&] { adopt(at, *job); });
  std::string message;
  if (job->status == JobStatus::paused) {
    message = job->error ? job->error->message : "its job is paused";
  }
  set_state(at, TableState::running, std::move(message));
}

/// A job that a limit paused waits for a person, and so does then whatever depends on it.
void Drive::pause_when_nothing_moves() {
  bool any = false;
  for (std::size_t at = 0; at < outcome_.tables.size(); ++at) {
    if (outcome_.tables[at].state != TableState::running) continue;
    if (!jobs_[at] || jobs_[at]->status != JobStatus::paused) return;
    any = true;
  }
  if (!any) return;
  // Somebody may have resumed them a moment ago.
  look_at_jobs();
  for (std::size_t at = 0; at < outcome_.tables.size(); ++at) {
    if (outcome_.tables[at].state != TableState::running) continue;
    if (!jobs_[at] || jobs_[at]->status != JobStatus::paused) return;
  }
  end(JobStatus::paused);
  throw Halted{Halted::Reason::ended};
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
  const bool is_worth_it = outcome_.tables[at].state == TableState::completed && jobs_[at] &&
                           engine::may_take_refused(*jobs_[at], draft_.jobs[at]);
  if (!is_worth_it) return;
  const JobId id = *outcome_.tables[at].job_id;
  const auto result = outlasting(engine_.stopping, [&] {
    return engine_.jobs.replay(migration_.tenant_id, id, {.stage = Stage::write});
  });
  if (result.refusal != ReplayRefusal::none && result.refusal != ReplayRefusal::not_ended) return;
  if (draft_.jobs[at].is_bound_to_process()) {
    engine_.jobs.attach(migration_.tenant_id, id, draft_.jobs[at]);
  }
  set_state(at, TableState::running);
  while (outcome_.tables[at].state == TableState::running) {
    const auto count = engine_.changes.count();
    look_at_jobs();
    if (outcome_.tables[at].state != TableState::running) break;
    pause_when_nothing_moves();
    save_soon();
    wait_for_events(count);
  }
}

}  // namespace freight::migration
