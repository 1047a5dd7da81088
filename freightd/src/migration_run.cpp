#include "migration_run.hpp"

#include <algorithm>
#include <utility>

#include "console.hpp"
#include "freight/error.hpp"
#include "interruption.hpp"
#include "job_file.hpp"
#include "output_file.hpp"
#include "patience.hpp"
#include "progress.hpp"
#include "tenant_storage.hpp"
#include "terminal_text.hpp"

namespace freight::daemon {
namespace {

using namespace std::chrono_literals;

constexpr auto progress_interval = 2s;
constexpr auto migration_look_interval = 100ms;
/// For how long a database, or the storage, is waited for that cannot be reached.
constexpr std::chrono::minutes longest_outage{10};

std::string tables_text(std::size_t count) {
  return std::to_string(count) + (count == 1 ? " table" : " tables");
}

bool is_done(const TableOutcome& table) {
  return table.state != TableState::waiting && table.state != TableState::running;
}

}  // namespace

MigrationRun::MigrationRun(MigrationRequest request, const Options& options)
    : request_(std::move(request)),
      options_(options),
      connectors_(default_connectors(connector_options(options))) {}

ExitStatus MigrationRun::run() {
  if (!look_at_databases()) return exit_usage;
  for (const std::string& note : draft_.plan.notes) say("note: " + printable(note));
  open();
  const MigrationId id = begin();
  work(id);
  return conclude(id);
}

ExitStatus MigrationRun::check() {
  if (!look_at_databases()) return exit_usage;
  const MigrationPlan& plan = draft_.plan;
  std::string text =
      printable(request_.spec.name) + ": " + tables_text(plan.tables.size()) + ", in this order\n";
  for (std::size_t at = 0; at < plan.tables.size(); ++at) {
    const MigrationTable& table = plan.tables[at];
    if (draft_.outcome.tables[at].state == TableState::left_out) continue;
    text += "  " + printable(table.from) + " -> " + printable(table.to) +
            (table.create.empty() ? "" : ", which is made") +
            (table.circle != 0 ? ", in a circle of foreign keys" : "") + '\n';
  }
  for (const MigrationConstraint& one : plan.constraints) {
    if (one.statements.empty()) continue;
    text += "  then " + printable(one.table) + ": " + printable(one.subject) + '\n';
  }
  for (const std::string& note : plan.notes) text += "  note: " + printable(note) + '\n';
  print(text);
  return exit_completed;
}

bool MigrationRun::look_at_databases() {
  const auto errors = check_migration(request_);
  if (!errors.empty()) {
    say_spec_errors("the migration", errors);
    return false;
  }
  patiently(longest_outage, [this] {
    draft_ = draft_migration(request_, connectors_, TenantId(), give_up_when_interrupted);
  });
  for (const auto& [table, of_table] : draft_.errors) say_spec_errors("table " + table, of_table);
  return draft_.errors.empty();
}

void MigrationRun::open() {
  patiently(longest_outage, [this] {
    if (storage_ == nullptr) storage_ = open_storage(options_.storage);
    tenant_id_ = storage_->tenants().find_or_create(default_tenant_name).id;
  });
}

/// Goes on with the same migration when it has not ended. One that has is begun anew: its tables
/// find the jobs that were run for them.
MigrationId MigrationRun::begin() {
  // Neither is started: they only write.
  const auto jobs = make_job_engine(*storage_, connectors_, engine_options(options_));
  const auto engine = make_migration_engine(*storage_, *jobs, connectors_);
  return patiently(longest_outage, [&] {
    const auto submitted = engine->submit(tenant_id_, request_, options_.new_job);
    if (submitted.created) return submitted.id;
    say("going on with migration " + submitted.id.to_string());
    if (find(submitted.id).status == JobStatus::paused) engine->resume(tenant_id_, submitted.id);
    return submitted.id;
  });
}

void MigrationRun::work(MigrationId id) {
  EngineOptions options = engine_options(options_);
  options.only_migration = MigrationReference{tenant_id_, id};
  const auto jobs = make_job_engine(*storage_, connectors_, options);
  const auto engine = make_migration_engine(
      *storage_, *jobs, connectors_, {.only = options.only_migration, .lease = options.lease});
  patiently(longest_outage, [&] { engine->attach(tenant_id_, id, request_); });
  jobs->start();
  engine->start();
  watch(*engine, id);
  engine->stop();
  jobs->stop();
}

void MigrationRun::watch(MigrationEngine& engine, MigrationId id) {
  while (!interrupted()) {
    try {
      const Migration migration = engine.wait(tenant_id_, id, migration_look_interval);
      tell(migration);
      if (is_final(migration.status) || migration.status == JobStatus::paused) return;
      tell_progress();
    } catch (const Error& error) {
      // The engines try again by themselves.
      if (error.category() != Category::transient) throw;
    }
  }
}

void MigrationRun::tell(const Migration& migration) {
  const MigrationOutcome& now = migration.outcome;
  const auto& before = shown_.migration.outcome.tables;
  bool any_ended = false;
  for (std::size_t at = 0; at < now.tables.size(); ++at) {
    const bool was_done = at < before.size() && is_done(before[at]);
    any_ended |= is_done(now.tables[at]) && !was_done;
  }
  MigrationView view = any_ended ? view_of(*storage_, migration)
                                 : MigrationView{.migration = migration, .jobs = shown_.jobs};
  const auto done = std::count_if(now.tables.begin(), now.tables.end(), is_done);
  for (std::size_t at = 0; at < now.tables.size(); ++at) {
    const TableOutcome& table = now.tables[at];
    const bool was_done = at < before.size() && is_done(before[at]);
    if (!is_done(table) || was_done || table.state == TableState::left_out) continue;
    if (options_.progress == ProgressStyle::none) continue;
    const Job* const job = view.job_of(table);
    std::string line = printable(table.to) + ": " + std::string(state_of(table, job));
    if (job != nullptr) {
      line += ", " + std::to_string(job->records.succeeded) + " records";
      if (job->records.rejected > 0) {
        line += ", " + std::to_string(job->records.rejected) + " rejected";
      }
    }
    say(line + " (" + std::to_string(done) + " of " + tables_text(now.tables.size()) + ")");
  }
  const bool loaded =
      !now.tables.empty() && std::all_of(now.tables.begin(), now.tables.end(), is_done);
  const bool adds = std::any_of(draft_.plan.constraints.begin(), draft_.plan.constraints.end(),
                                [](const auto& one) { return !one.statements.empty(); });
  if (loaded && adds && !constraints_said_) {
    constraints_said_ = true;
    if (options_.progress != ProgressStyle::none) say("adding indexes and foreign keys");
  }
  shown_ = std::move(view);
}

void MigrationRun::tell_progress() {
  const auto now = std::chrono::steady_clock::now();
  if (options_.progress == ProgressStyle::none || now - progress_at_ < progress_interval) return;
  progress_at_ = now;
  shown_ = view_of(*storage_, std::move(shown_.migration));
  std::string running;
  for (const TableOutcome& table : shown_.migration.outcome.tables) {
    const Job* const job = shown_.job_of(table);
    if (table.state != TableState::running || job == nullptr) continue;
    running += (running.empty() ? "" : ", ") + printable(table.to, 60);
    if (const auto share = share_done(*job)) {
      running += ' ' + std::to_string(static_cast<int>(*share * 100)) + " %";
    }
    if (job->waiting_on) running += " (waiting: " + printable(job->waiting_on->message) + ")";
  }
  if (!running.empty()) {
    say(std::to_string(records_of(shown_).read) + " records; at work: " + running);
  }
}

Migration MigrationRun::find(MigrationId id) const {
  auto found = storage_->migrations().find(tenant_id_, id);
  if (!found) throw Error(Code::not_found, "there is no migration " + id.to_string());
  return *std::move(found);
}

ExitStatus MigrationRun::conclude(MigrationId id) {
  const MigrationView view =
      patiently(longest_outage, [&] { return view_of(*storage_, find(id)); });
  const Migration& migration = view.migration;
  if (migration.error) say_error(*migration.error);
  const std::string report = render_report(view, status_of_command(migration)) + "\n";
  if (options_.report) {
    OutputFile file(*options_.report);
    file.write(report);
    file.commit();
  }
  const auto duration = std::chrono::duration_cast<std::chrono::milliseconds>(
      std::chrono::steady_clock::now() - began_at_);
  print(options_.json ? report : summarise(view, duration));
  return exit_status_of(migration.status);
}

}  // namespace freight::daemon
