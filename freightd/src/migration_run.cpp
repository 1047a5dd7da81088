#include "migration_run.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <exception>
#include <filesystem>
#include <map>
#include <optional>
#include <system_error>
#include <thread>
#include <utility>
#include <variant>

#include "console.hpp"
#include "freight/error.hpp"
#include "interruption.hpp"
#include "job_file.hpp"
#include "job_run.hpp"
#include "migration_constraints.hpp"
#include "output_file.hpp"
#include "patience.hpp"
#include "progress.hpp"
#include "side_by_side.hpp"
#include "terminal_text.hpp"

namespace freight::daemon {
namespace {

using namespace std::chrono_literals;

constexpr auto progress_interval = 2s;
/// After which rows that refer to each other in a circle will not come any more.
constexpr int most_rounds = 20;

std::string tables_text(std::size_t count) {
  return std::to_string(count) + (count == 1 ? " table" : " tables");
}

}  // namespace

MigrationRun::MigrationRun(MigrationSpec spec, SpecOptions spec_options, const Options& options)
    : spec_(std::move(spec)), spec_options_(std::move(spec_options)), options_(options) {
  outcome_.name = spec_.name;
  outcome_.started_at = system_clock().now();
}

ExitStatus MigrationRun::run() {
  if (!prepare()) return exit_usage;
  for (const std::string& note : plan_.notes) say("note: " + printable(note));
  try {
    make_tables();
    load_tables();
    load_circles();
    add_constraints(outcome_, destination_url_);
  } catch (const Interrupted&) {
    // What was done is safe, and said below.
  } catch (const Error& error) {
    outcome_.error = failure_of(error);
    say_error(*outcome_.error);
  }
  return conclude();
}

ExitStatus MigrationRun::check() {
  if (!prepare()) return exit_usage;
  std::string text =
      printable(spec_.name) + ": " + tables_text(plan_.tables.size()) + ", in this order\n";
  for (std::size_t at = 0; at < plan_.tables.size(); ++at) {
    const MigrationTable& table = plan_.tables[at];
    if (outcome_.tables[at].state == TableState::left_out) continue;
    text += "  " + printable(table.from) + " -> " + printable(table.to) +
            (table.create.empty() ? "" : ", which is made") +
            (table.circle != 0 ? ", in a circle of foreign keys" : "") + '\n';
  }
  for (const ConstraintOutcome& one : outcome_.constraints) {
    if (one.constraint.statements.empty()) continue;
    text += "  then " + printable(one.constraint.table) + ": " + printable(one.constraint.subject) +
            '\n';
  }
  for (const std::string& note : plan_.notes) text += "  note: " + printable(note) + '\n';
  print(text);
  return exit_completed;
}

bool MigrationRun::prepare() {
  const auto both = parse_job_spec(job_of_databases(spec_), spec_options_);
  if (!both.spec) {
    say_spec_errors("defaults", both.errors);
    return false;
  }
  const auto* const source = std::get_if<SqlSourceSpec>(&both.spec->source);
  const auto* const destination = std::get_if<SqlDestinationSpec>(&both.spec->destination);
  if (source == nullptr || destination == nullptr) {
    throw Error(Code::usage, "a migration goes from one database to another",
                {.hint = "set /defaults/source/url and /defaults/destination/url to sqlite:FILE or "
                         "postgresql://…"});
  }
  source_url_ = source->url;
  destination_url_ = destination->url;
  DatabaseSchema from;
  DatabaseSchema to;
  patiently(longest_outage, [&] {
    from = open_schema_connection(source_url_, false, give_up_when_interrupted)->read();
    to = destination_schema();
  });
  plan_ = plan_migration(spec_, from, to);
  if (plan_.tables.empty()) {
    throw Error(Code::source_not_found, "the source has no table to move",
                {.hint = "\"tables\" and \"exclude\" leave none of its " +
                         std::to_string(from.tables.size())});
  }
  if (!read_jobs()) return false;
  for (const MigrationTable& table : plan_.tables) {
    outcome_.tables.push_back({.from = table.from, .to = table.to});
  }
  for (MigrationConstraint& constraint : plan_.constraints) {
    outcome_.constraints.push_back({.constraint = std::move(constraint)});
  }
  outcome_.notes = plan_.notes;
  leave_out_others();
  return true;
}

void MigrationRun::leave_out_others() {
  if (options_.only.empty()) return;
  const auto is_wanted = [this](const TableOutcome& table) {
    return std::find(options_.only.begin(), options_.only.end(), table.from) !=
               options_.only.end() ||
           std::find(options_.only.begin(), options_.only.end(), table.to) != options_.only.end();
  };
  for (const std::string& name : options_.only) {
    const bool known = std::any_of(
        outcome_.tables.begin(), outcome_.tables.end(),
        [&](const TableOutcome& table) { return table.from == name || table.to == name; });
    if (known) continue;
    throw Error(Code::usage, "--only " + name + ": the migration has no such table",
                {.hint = "freightd validate lists its tables"});
  }
  for (TableOutcome& table : outcome_.tables) {
    if (!is_wanted(table)) table.state = TableState::left_out;
  }
  // A key to a table that is neither loaded now nor there already is added by a run of all tables.
  std::erase_if(outcome_.constraints, [&](const ConstraintOutcome& one) {
    for (std::size_t at = 0; at < plan_.tables.size(); ++at) {
      const TableOutcome& table = outcome_.tables[at];
      if (table.state != TableState::left_out) continue;
      const bool is_missing = !plan_.tables[at].create.empty();
      if (table.to == one.constraint.table) return true;
      if (table.to == one.constraint.referred && is_missing) return true;
    }
    return false;
  });
}

/// What is not there is not made before it is needed.
DatabaseSchema MigrationRun::destination_schema() const {
  std::error_code unknown;
  constexpr std::string_view scheme = "sqlite:";
  const bool is_missing =
      is_sqlite_url(destination_url_) &&
      !std::filesystem::exists(destination_url_.substr(scheme.size()), unknown) && !unknown;
  if (is_missing) return {.kind = DatabaseKind::sqlite};
  return open_schema_connection(destination_url_, true, give_up_when_interrupted)->read();
}

bool MigrationRun::read_jobs() {
  bool valid = true;
  for (const MigrationTable& table : plan_.tables) {
    auto result = parse_job_spec(table.job, spec_options_);
    if (!result.spec) {
      say_spec_errors("table " + table.from, result.errors);
      valid = false;
      continue;
    }
    check_place(table, *result.spec);
    jobs_.push_back(*std::move(result.spec));
  }
  return valid;
}

/// A job that reads or writes elsewhere would leave the plan of tables and keys in the air.
void MigrationRun::check_place(const MigrationTable& table, const JobSpec& job) const {
  const auto* const source = std::get_if<SqlSourceSpec>(&job.source);
  const auto* const destination = std::get_if<SqlDestinationSpec>(&job.destination);
  if (source != nullptr && source->url == source_url_ && destination != nullptr &&
      destination->url == destination_url_ && destination->table == table.to_in_job) {
    return;
  }
  throw Error(Code::invalid_spec,
              "table " + table.from + ": its job does not go from the source of the defaults to " +
                  table.to_in_job + " in their destination",
              {.hint = "\"to\" gives it another name; another database is another migration"});
}

void MigrationRun::make_tables() {
  std::vector<std::size_t> made;
  for (std::size_t at = 0; at < plan_.tables.size(); ++at) {
    const bool wanted = outcome_.tables[at].state != TableState::left_out;
    if (wanted && !plan_.tables[at].create.empty()) made.push_back(at);
  }
  if (made.empty()) return;
  patiently(longest_outage, [&] {
    const auto connection =
        open_schema_connection(destination_url_, true, give_up_when_interrupted);
    for (const std::size_t at : made) {
      TableOutcome& table = outcome_.tables[at];
      if (table.state == TableState::failed) continue;
      try {
        connection->run(plan_.tables[at].create);
      } catch (const Error& error) {
        if (error.category() == Category::transient) throw;
        table.state = TableState::failed;
        table.message = std::string("the table cannot be made: ") + error.what() +
                        "; a table that is there is taken as it is";
        say(printable(table.to) + ": " + printable(table.message));
      }
    }
  });
  say("made " + tables_text(static_cast<std::size_t>(
                    std::count_if(made.begin(), made.end(), [this](std::size_t at) {
                      return outcome_.tables[at].state != TableState::failed;
                    }))));
}

void MigrationRun::load_tables() {
  // One file takes one writer at a time: two keep it busy.
  const std::size_t most = is_sqlite_url(destination_url_) ? 2 : most_side_by_side;
  run_side_by_side(std::min(most, plan_.tables.size()), [this] {
    while (!interrupted()) {
      const auto table = next_table();
      if (table) {
        load(*table);
        continue;
      }
      {
        const std::lock_guard lock(mutex_);
        const bool all_begun =
            std::none_of(outcome_.tables.begin(), outcome_.tables.end(),
                         [](const auto& one) { return one.state == TableState::waiting; });
        if (all_begun) return;
      }
      std::this_thread::sleep_for(20ms);
    }
    throw Interrupted{};
  });
}

/// The first table whose parents are there; marks those as skipped whose parents never will be.
std::optional<std::size_t> MigrationRun::next_table() {
  const std::lock_guard lock(mutex_);
  for (std::size_t at = 0; at < plan_.tables.size(); ++at) {
    TableOutcome& table = outcome_.tables[at];
    if (table.state != TableState::waiting) continue;
    bool waits = false;
    for (const std::size_t parent : plan_.tables[at].after) {
      const TableOutcome& above = outcome_.tables[parent];
      const bool is_done = above.state == TableState::failed || above.state == TableState::skipped;
      if (is_done && spec_.on_table_failure == OnTableFailure::skip) {
        table.state = TableState::skipped;
        table.message = above.to + ", which it refers to, " +
                        (above.state == TableState::failed ? "failed" : "was skipped");
        break;
      }
      if (above.state == TableState::waiting || above.state == TableState::running) waits = true;
    }
    if (table.state == TableState::skipped || waits) continue;
    table.state = TableState::running;
    return at;
  }
  return std::nullopt;
}

JobRunListener MigrationRun::listener_of(std::size_t table) {
  return {.say = [this, table](std::string_view line) { say_of(table, std::string(line)); },
          .progress = [this, table](const Job& job) { note_progress(table, job); }};
}

void MigrationRun::load(std::size_t table) {
  TableOutcome outcome;
  try {
    outcome.job = JobRun(jobs_[table], options_, listener_of(table)).carry_out();
    switch (outcome.job->status) {
      case JobStatus::completed:
      case JobStatus::completed_with_errors:
        outcome.state = TableState::completed;
        break;
      case JobStatus::failed:
      case JobStatus::cancelled:
      case JobStatus::paused:
        outcome.state = TableState::failed;
        break;
      default:
        // Another process has taken it up, or the user wants an end.
        outcome.state = interrupted() ? TableState::running : TableState::failed;
        if (!interrupted()) outcome.message = "another process works for it now; run again";
    }
    if (outcome.job->error) outcome.message = outcome.job->error->message;
  } catch (const Interrupted&) {
    outcome.state = TableState::running;
  } catch (const Error& error) {
    outcome.state = TableState::failed;
    outcome.message = std::string(error.what()) + " (" + std::string(to_string(error.code())) + ")";
  } catch (const std::exception& error) {
    outcome.state = TableState::failed;
    outcome.message = error.what();
  }
  const std::lock_guard lock(mutex_);
  TableOutcome& into = outcome_.tables[table];
  into.state = outcome.state;
  into.job = std::move(outcome.job);
  into.message = std::move(outcome.message);
  if (into.state == TableState::running) return;
  const auto done =
      std::count_if(outcome_.tables.begin(), outcome_.tables.end(), [](const TableOutcome& one) {
        return one.state != TableState::waiting && one.state != TableState::running;
      });
  std::string line = printable(into.to) + ": ";
  line += into.job ? std::string(to_string(into.job->status)) + ", " +
                         std::to_string(into.job->records.succeeded) + " records"
                   : "failed";
  if (into.job && into.job->records.rejected > 0) {
    line += ", " + std::to_string(into.job->records.rejected) + " rejected";
  }
  say(line + " (" + std::to_string(done) + " of " + tables_text(outcome_.tables.size()) + ")");
}

void MigrationRun::load_circles() {
  std::map<std::size_t, std::vector<std::size_t>> circles;
  for (std::size_t at = 0; at < plan_.tables.size(); ++at) {
    if (plan_.tables[at].circle != 0) circles[plan_.tables[at].circle].push_back(at);
  }
  const auto rejected = [this](const std::vector<std::size_t>& circle) {
    std::uint64_t records = 0;
    for (const std::size_t at : circle) {
      const TableOutcome& table = outcome_.tables[at];
      if (is_loaded(table) && table.job) records += table.job->records.rejected;
    }
    return records;
  };
  for (const auto& [number, circle] : circles) {
    std::uint64_t before = rejected(circle);
    for (int round = 0; round < most_rounds && before > 0; ++round) {
      for (const std::size_t at : circle) {
        give_up_when_interrupted();
        TableOutcome& table = outcome_.tables[at];
        if (!is_loaded(table) || !table.job || table.job->records.rejected == 0) continue;
        table.job = JobRun(jobs_[at], options_, listener_of(at)).replay_refused(*table.job);
      }
      const std::uint64_t after = rejected(circle);
      if (after == before) break;
      before = after;
    }
  }
}

void MigrationRun::note_progress(std::size_t table, const Job& job) {
  const std::lock_guard lock(mutex_);
  outcome_.tables[table].job = job;
  const auto now = std::chrono::steady_clock::now();
  if (options_.progress == ProgressStyle::none || now - shown_at_ < progress_interval) return;
  shown_at_ = now;
  std::uint64_t records = 0;
  std::string running;
  for (const TableOutcome& one : outcome_.tables) {
    if (one.job) records += one.job->records.read;
    if (one.state != TableState::running || !one.job) continue;
    running += (running.empty() ? "" : ", ") + printable(one.to, 60);
    if (const auto share = share_done(*one.job)) {
      running += ' ' + std::to_string(static_cast<int>(*share * 100)) + " %";
    }
  }
  say(std::to_string(records) + " records; at work: " + running);
}

void MigrationRun::say_of(std::size_t table, const std::string& text) const {
  // What is said of a job that has ended before stands in the table's own line; hints are of
  // single jobs.
  if (text.starts_with("  ") || text.starts_with("nothing to do")) return;
  const std::lock_guard lock(mutex_);
  say(printable(plan_.tables[table].to) + ": " + text);
}

ExitStatus MigrationRun::conclude() {
  outcome_.finished_at = system_clock().now();
  const std::string report = render_report(outcome_) + "\n";
  if (options_.report) {
    OutputFile file(*options_.report);
    file.write(report);
    file.commit();
  }
  print(options_.json ? report : summarise(outcome_));
  const std::string_view status = outcome_.status();
  if (status == "interrupted") return exit_interrupted;
  if (status == "failed") return exit_failed;
  return status == "completed" ? exit_completed : exit_with_rejects;
}

}  // namespace freight::daemon
