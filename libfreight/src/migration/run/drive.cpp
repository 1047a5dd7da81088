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

}  // namespace

Drive::Drive(const DriveSurroundings& surroundings, ClaimedMigration claimed,
             std::shared_ptr<const MigrationRequest> request)
    : with_(surroundings),
      migration_(std::move(claimed.migration)),
      lease_(with_.storage.migrations(), {migration_.tenant_id, migration_.id}, claimed.token,
             with_.options.lease, with_.stopping),
      request_(std::move(request)) {}

bool Drive::drive() noexcept {
  try {
    try {
      if (migration_.status == JobStatus::cancelling) {
        cancel();
      } else {
        carry_out();
      }
    } catch (const Halted& halted) {
      if (halted.reason == Halted::Reason::paused) control_jobs(JobStatus::paused);
      if (halted.reason == Halted::Reason::cancelling) cancel();
    } catch (const Error& error) {
      fail(error);
    }
  } catch (const Halted&) {
    // Whoever goes on finds everything where it is.
  } catch (const std::exception& error) {
    const std::string id = migration_.id.to_string();
    const LogField field{"migration", id};
    with_.options.log->log(LogLevel::error, std::string("a migration is given up: ") + error.what(),
                           {&field, 1});
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
  add_constraints(draft_.plan.constraints, outcome_, *target_, [this] { save_soon(); });
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
        std::make_shared<const MigrationRequest>(request_of_text(migration_, with_.connectors));
  }
  RequestText text = text_of_request(*request_);
  if (!text.errors.empty()) SpecResult{.spec = {}, .errors = text.errors}.value();
  databases_ = std::move(text.databases);
  const std::chrono::milliseconds longest = databases_->retry.max_outage;
  draft_ = patiently(
      longest,
      [&] {
        return draft_migration(*request_, with_.connectors, migration_.tenant_id,
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
  target_.emplace(Target{.connectors = with_.connectors,
                         .databases = {.spec = *databases_, .tenant_id = migration_.tenant_id},
                         .kind = to_sqlite ? DatabaseKind::sqlite : DatabaseKind::postgresql,
                         .longest_outage = longest,
                         .watch = [this] { check(); }});
  jobs_.resize(outcome_.tables.size());
  take_over(migration_.outcome);
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
  look_at_jobs();
}

bool Drive::is_at_work(TableState state) const {
  return std::any_of(outcome_.tables.begin(), outcome_.tables.end(),
                     [state](const TableOutcome& table) { return table.state == state; });
}

std::optional<Job> Drive::find_job(std::size_t table) {
  const auto& id = outcome_.tables[table].job_id;
  if (!id) return std::nullopt;
  return outlasting(with_.stopping,
                    [&] { return with_.storage.jobs().find_job(migration_.tenant_id, *id); });
}

void Drive::wait_for_events(std::size_t count) {
  check();
  with_.events.wait_for_change(count, with_.options.poll);
}

std::vector<Job> Drive::jobs_of_migration() {
  std::vector<Job> jobs;
  JobQuery query{.statuses = {JobStatus::scheduled, JobStatus::pending, JobStatus::running,
                              JobStatus::paused, JobStatus::cancelling},
                 .migration_id = migration_.id,
                 .limit = jobs_on_a_page};
  do {
    auto page = with_.storage.jobs().list_jobs(migration_.tenant_id, query);
    std::move(page.jobs.begin(), page.jobs.end(), std::back_inserter(jobs));
    query.cursor = page.next_cursor;
  } while (!query.cursor.empty());
  return jobs;
}

/// What a person asked of the migration holds for its jobs too, those that were submitted at that
/// very moment among them.
void Drive::control_jobs(JobStatus wanted) {
  outlasting(with_.stopping, [&] {
    for (const Job& job : jobs_of_migration()) {
      if (wanted == JobStatus::paused) {
        with_.jobs.pause(migration_.tenant_id, job.id);
      } else {
        with_.jobs.cancel(migration_.tenant_id, job.id);
      }
    }
    return true;
  });
}

void Drive::cancel() {
  const auto check_lease = [this] { lease_.check_while_cancelling(); };
  if (outcome_.tables.empty()) outcome_ = migration_.outcome;
  while (true) {
    const auto count = with_.events.count();
    control_jobs(JobStatus::cancelled);
    const auto live = outlasting(with_.stopping, [this] { return jobs_of_migration(); });
    if (live.empty()) break;
    check_lease();
    with_.events.wait_for_change(count, with_.options.poll);
  }
  for (TableOutcome& table : outcome_.tables) {
    if (table.state == TableState::running) table.state = TableState::failed;
    if (table.state == TableState::failed && table.message.empty()) table.message = "cancelled";
  }
  end(JobStatus::cancelled);
}

void Drive::fail(const Error& error) {
  if (error.category() == Category::transient) {
    // Of the storage: whoever claims it next goes on. Of a database: it was waited for long enough.
    if (error.code() == Code::storage_unavailable || error.code() == Code::storage_busy) return;
  }
  if (outcome_.tables.empty()) outcome_ = migration_.outcome;
  end(JobStatus::failed, failure_of(error));
}

void Drive::end(JobStatus status, std::optional<Failure> error) {
  lease_.save({.outcome = outcome_, .ended = status, .error = std::move(error)});
  ended_ = true;
}

void Drive::save() {
  saved_at_ = std::chrono::steady_clock::now();
  lease_.save({.outcome = outcome_});
}

void Drive::save_soon() {
  if (std::chrono::steady_clock::now() - saved_at_ >= save_interval) save();
}

}  // namespace freight::migration
