#include "migration/run/drive.hpp"

#include <algorithm>
#include <exception>
#include <utility>

#include "freight/error.hpp"
#include "migration/run/constraints.hpp"
#include "migration/run/patience.hpp"
#include "migration/run/request_text.hpp"

namespace freight::migration {
namespace {

/// How often what happens within a step is written down.
constexpr std::chrono::milliseconds save_interval{500};
constexpr std::uint32_t jobs_on_a_page = 1000;

bool is_of_storage(Code code) { return to_string(code).starts_with("storage_"); }

}  // namespace

Drive::Drive(const DriveParts& parts, ClaimedMigration claimed,
             std::shared_ptr<const MigrationRequest> request)
    : engine_(parts),
      migration_(std::move(claimed.migration)),
      lease_(engine_.storage.migrations(), {migration_.tenant_id, migration_.id}, claimed.token,
             engine_.options.lease, engine_.stopping),
      request_(std::move(request)) {}

std::optional<JobStatus> Drive::drive() noexcept {
  try {
    try {
      if (migration_.status == JobStatus::cancelling) {
        cancel();
      } else {
        carry_out();
      }
    } catch (const Halted& halted) {
      if (halted.reason == Halted::Reason::paused) pause_jobs();
      if (halted.reason == Halted::Reason::cancelling) cancel();
    } catch (const Error& error) {
      if (is_of_storage(error.code())) throw;
      end(JobStatus::failed, failure_of(error));
    }
  } catch (const Halted&) {
    // Whoever goes on finds everything where it is.
  } catch (const std::exception& error) {
    const std::string id = migration_.id.to_string();
    const LogField field{"migration", id};
    engine_.options.log->log(
        LogLevel::error, std::string("a migration is left for now: ") + error.what(), {&field, 1});
    // Whoever is next comes when the lease has run out, and not at once.
    return ended_;
  }
  if (!ended_) lease_.release();
  return ended_;
}

void Drive::carry_out() {
  prepare();
  save();
  make_tables();
  load_tables();
  load_circles();
  add_constraints(draft_.plan.constraints, outcome_, *target_, [this] {
    dirty_ = true;
    save_soon();
  });
  JobStatus status = status_of(outcome_);
  const bool has_rejects = std::any_of(jobs_.begin(), jobs_.end(), [](const auto& job) {
    return job && job->status == JobStatus::completed_with_errors;
  });
  if (status == JobStatus::completed && has_rejects) status = JobStatus::completed_with_errors;
  // What still waits is a constraint of a table that is not there.
  if (status == JobStatus::pending) status = JobStatus::failed;
  end(status);
}

void Drive::prepare() {
  if (request_ == nullptr) {
    request_ =
        std::make_shared<const MigrationRequest>(request_of_text(migration_, engine_.connectors));
  }
  RequestText text = text_of_request(*request_);
  if (!text.errors.empty()) SpecResult{.spec = {}, .errors = text.errors}.value();
  databases_ = std::move(text.databases);
  const std::chrono::milliseconds longest = databases_->retry.max_outage;
  draft_ = core::patiently(
      longest,
      [&] {
        return draft_migration(*request_, engine_.connectors, migration_.tenant_id,
                               [this] { check(); });
      },
      [this] { check(); });
  if (!draft_.errors.empty()) {
    const auto& first = draft_.errors.front();
    throw Error(Code::invalid_spec, "the job of table " + first.table +
                                        " is not valid: " + first.errors.front().pointer + ": " +
                                        first.errors.front().detail);
  }
  const bool to_sqlite = draft_.plan.destination == DatabaseKind::sqlite;
  target_.emplace(Target{.connectors = engine_.connectors,
                         .databases = {.spec = *databases_, .tenant_id = migration_.tenant_id},
                         .kind = to_sqlite ? DatabaseKind::sqlite : DatabaseKind::postgresql,
                         .longest_outage = longest,
                         .watch = [this] { check(); }});
  jobs_.resize(outcome_.tables.size());
  take_over(migration_.outcome);
  look_at_jobs();
}

void Drive::take_over(const MigrationOutcome& before) {
  for (TableOutcome& table : outcome_.tables) {
    const auto known = std::find_if(
        before.tables.begin(), before.tables.end(),
        [&](const TableOutcome& one) { return one.from == table.from && one.to == table.to; });
    if (known == before.tables.end()) continue;
    table.job_id = known->job_id;
    if (table.state != TableState::waiting || known->state == TableState::left_out) continue;
    table.state = known->state;
    table.message = known->message;
  }
}

void Drive::set_state(std::size_t at, TableState state, std::string message) {
  TableOutcome& table = outcome_.tables[at];
  dirty_ |= table.state != state || table.message != message;
  table.state = state;
  table.message = std::move(message);
}

bool Drive::is_at_work(TableState state) const {
  return std::any_of(outcome_.tables.begin(), outcome_.tables.end(),
                     [state](const TableOutcome& table) { return table.state == state; });
}

std::optional<Job> Drive::find_job(std::size_t table) {
  const auto& id = outcome_.tables[table].job_id;
  if (!id) return std::nullopt;
  return outlasting(engine_.stopping,
                    [&] { return engine_.storage.jobs().find_job(migration_.tenant_id, *id); });
}

void Drive::wait_for_events(std::size_t count) {
  check();
  engine_.changes.wait_for_change(count, engine_.options.poll);
}

std::vector<Job> Drive::live_jobs() {
  return outlasting(engine_.stopping, [this] {
    std::vector<Job> jobs;
    JobQuery query{.statuses = {JobStatus::scheduled, JobStatus::pending, JobStatus::running,
                                JobStatus::paused, JobStatus::cancelling},
                   .migration_id = migration_.id,
                   .limit = jobs_on_a_page};
    do {
      auto page = engine_.storage.jobs().list_jobs(migration_.tenant_id, query);
      std::move(page.jobs.begin(), page.jobs.end(), std::back_inserter(jobs));
      query.cursor = page.next_cursor;
    } while (!query.cursor.empty());
    return jobs;
  });
}

/// What a person asked of the migration holds for its jobs too, those that were submitted at that
/// very moment among them. When it goes on by now so do they.
void Drive::pause_jobs() {
  for (const Job& job : live_jobs()) {
    lease_.keep();
    if (lease_.status() != JobStatus::paused) return;
    outlasting(engine_.stopping, [&] { return engine_.jobs.pause(migration_.tenant_id, job.id); });
  }
}

void Drive::cancel_jobs() {
  for (const Job& job : live_jobs()) {
    lease_.check_while_cancelling();
    outlasting(engine_.stopping, [&] { return engine_.jobs.cancel(migration_.tenant_id, job.id); });
  }
}

void Drive::cancel() {
  if (outcome_.tables.empty()) outcome_ = migration_.outcome;
  jobs_.resize(outcome_.tables.size());
  while (true) {
    const auto count = engine_.changes.count();
    lease_.check_while_cancelling();
    cancel_jobs();
    if (live_jobs().empty()) break;
    engine_.changes.wait_for_change(count, engine_.options.poll);
  }
  for (std::size_t at = 0; at < outcome_.tables.size(); ++at) {
    TableOutcome& table = outcome_.tables[at];
    if (table.state != TableState::running) continue;
    const auto job = find_job(at);
    const bool is_loaded = job && (job->status == JobStatus::completed ||
                                   job->status == JobStatus::completed_with_errors);
    if (is_loaded) {
      set_state(at, TableState::completed);
    } else {
      set_state(at, TableState::failed, "cancelled");
    }
  }
  end(JobStatus::cancelled);
}

void Drive::end(JobStatus status, std::optional<Failure> error) {
  if (outcome_.tables.empty()) outcome_ = migration_.outcome;
  lease_.save({.outcome = outcome_, .ended = status, .error = std::move(error)});
  ended_ = status;
}

void Drive::save() {
  saved_at_ = std::chrono::steady_clock::now();
  dirty_ = false;
  lease_.save({.outcome = outcome_});
}

void Drive::save_soon() {
  if (dirty_ && std::chrono::steady_clock::now() - saved_at_ >= save_interval) save();
}

}  // namespace freight::migration
