#include "migration_report.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

#include <boost/json.hpp>

#include "terminal_text.hpp"

namespace freight::daemon {
namespace {

constexpr std::size_t widest_name = 40;

std::string padded(std::string text, std::size_t width) {
  if (text.size() < width) text.append(width - text.size(), ' ');
  return text;
}

std::string number_right(std::uint64_t number, std::size_t width) {
  const std::string digits = std::to_string(number);
  return digits.size() < width ? std::string(width - digits.size(), ' ') + digits : digits;
}

std::string keys_of(const ConstraintOutcome& outcome) {
  constexpr std::size_t shown = 5;
  std::string text;
  for (std::size_t at = 0; at < std::min(outcome.violations.size(), shown); ++at) {
    std::string key;
    for (const auto& value : outcome.violations[at]) {
      key += (key.empty() ? "" : ", ") + printable(value.value_or("NULL"), 60);
    }
    text += (text.empty() ? "" : "; ") + key;
  }
  if (outcome.violations.size() > shown) text += "; …";
  return text;
}

void add_tables(std::string& out, const MigrationView& view) {
  const MigrationOutcome& outcome = view.migration.outcome;
  std::size_t width = 5;
  for (const TableOutcome& table : outcome.tables) {
    width = std::max(width, std::min(table.to.size(), widest_name));
  }
  out += "  " + padded("table", width) + "       loaded   rejected  state\n";
  for (const TableOutcome& table : outcome.tables) {
    if (table.state == TableState::left_out) continue;
    const Job* const job = view.job_of(table);
    const RecordCounts records = job != nullptr ? job->records : RecordCounts();
    out += "  " + padded(printable(table.to, 200), width) + ' ' +
           number_right(records.succeeded, 12) + ' ' + number_right(records.rejected, 10) + "  " +
           std::string(state_of(table, job)) + '\n';
    if (!table.message.empty()) {
      out += "  " + padded("", width) + "  " + printable(table.message) + '\n';
    }
    if (records.rejected > 0) {
      out +=
          "  " + padded("", width) + "  freightd rejects " + job->id.to_string() + " shows them\n";
    }
  }
}

void add_constraints(std::string& out, const MigrationOutcome& outcome) {
  std::size_t there = 0;
  std::size_t waiting = 0;
  for (const ConstraintOutcome& one : outcome.constraints) {
    if (one.state == ConstraintState::added || one.state == ConstraintState::present) ++there;
    if (one.state == ConstraintState::waiting) ++waiting;
  }
  if (there > 0) {
    out += "  " + std::to_string(there) + " indexes and foreign keys are there and hold\n";
  }
  if (waiting > 0) {
    out += "  " + std::to_string(waiting) + " indexes and foreign keys are yet to be added\n";
  }
  for (const ConstraintOutcome& one : outcome.constraints) {
    if (one.state != ConstraintState::failed) continue;
    out += "  " + printable(one.table) + ": " + printable(one.subject) + ": " +
           printable(one.message) + '\n';
    const std::string keys = keys_of(one);
    if (!keys.empty()) out += "    keys: " + keys + '\n';
  }
}

boost::json::object counts_of(const RecordCounts& records) {
  return {{"read", records.read},
          {"succeeded", records.succeeded},
          {"rejected", records.rejected},
          {"skipped", records.skipped},
          {"filtered", records.filtered}};
}

boost::json::object json_of(const TableOutcome& table, const Job* job) {
  boost::json::object object{
      {"from", table.from}, {"to", table.to}, {"state", state_of(table, job)}};
  object["job_id"] = nullptr;
  if (job != nullptr) {
    object["job_id"] = job->id.to_string();
    object["records"] = counts_of(job->records);
    if (job->started_at && job->finished_at) {
      object["seconds"] =
          std::chrono::duration<double>(*job->finished_at - *job->started_at).count();
    }
  }
  if (!table.message.empty()) object["message"] = table.message;
  return object;
}

boost::json::object json_of(const ConstraintOutcome& outcome) {
  const bool is_index = outcome.kind == MigrationConstraint::Kind::index;
  boost::json::object object{{"table", outcome.table},
                             {"kind", is_index ? "index" : "foreign_key"},
                             {"subject", outcome.subject},
                             {"state", to_string(outcome.state)}};
  if (!outcome.message.empty()) object["message"] = outcome.message;
  boost::json::array violations;
  for (const auto& row : outcome.violations) {
    boost::json::array key;
    for (const auto& value : row) {
      key.push_back(value ? boost::json::value(*value) : boost::json::value(nullptr));
    }
    violations.push_back(std::move(key));
  }
  if (!violations.empty()) object["violations"] = std::move(violations);
  return object;
}

}  // namespace

std::string_view status_of_command(const Migration& migration) {
  const bool stands = is_final(migration.status) || migration.status == JobStatus::paused;
  return stands ? to_string(migration.status) : "interrupted";
}

const Job* MigrationView::job_of(const TableOutcome& table) const {
  if (!table.job_id) return nullptr;
  const auto found = jobs.find(*table.job_id);
  return found == jobs.end() ? nullptr : &found->second;
}

MigrationView view_of(Storage& storage, Migration migration) {
  MigrationView view{.migration = std::move(migration)};
  const TenantId tenant_id = view.migration.tenant_id;
  JobQuery query{.migration_id = view.migration.id, .limit = 1000};
  do {
    JobPage page = storage.jobs().list_jobs(tenant_id, query);
    for (Job& job : page.jobs) view.jobs.insert_or_assign(job.id, std::move(job));
    query.cursor = page.next_cursor;
  } while (!query.cursor.empty());
  // A later migration may have taken it over.
  for (const TableOutcome& table : view.migration.outcome.tables) {
    if (!table.job_id || view.jobs.contains(*table.job_id)) continue;
    auto job = storage.jobs().find_job(tenant_id, *table.job_id);
    if (job) view.jobs.emplace(*table.job_id, *std::move(job));
  }
  return view;
}

RecordCounts records_of(const MigrationView& view) {
  RecordCounts records;
  for (const TableOutcome& table : view.migration.outcome.tables) {
    const Job* const job = view.job_of(table);
    if (job != nullptr) records += job->records;
  }
  return records;
}

std::string_view state_of(const TableOutcome& table, const Job* job) {
  const bool has_rejects = table.state == TableState::completed && job != nullptr &&
                           job->status == JobStatus::completed_with_errors;
  return has_rejects ? to_string(job->status) : to_string(table.state);
}

std::string summarise(const MigrationView& view, std::chrono::milliseconds duration) {
  const Migration& migration = view.migration;
  const MigrationOutcome& outcome = migration.outcome;
  const auto tables =
      std::count_if(outcome.tables.begin(), outcome.tables.end(),
                    [](const TableOutcome& table) { return table.state != TableState::left_out; });
  const std::string_view status = status_of_command(migration);
  std::string out = printable(migration.name) + ": " + std::string(status) + ", " +
                    std::to_string(tables) + (tables == 1 ? " table, " : " tables, ") +
                    std::to_string(records_of(view).succeeded) + " records in " +
                    duration_text(duration) + '\n';
  add_tables(out, view);
  add_constraints(out, outcome);
  for (const std::string& note : outcome.notes) out += "  note: " + printable(note) + '\n';
  if (status != "completed" && status != "completed_with_errors") {
    out += "  the same command goes on where it stopped\n";
  }
  return out;
}

std::string render_report(const MigrationView& view, std::string_view status) {
  const Migration& migration = view.migration;
  boost::json::array tables;
  for (const TableOutcome& table : migration.outcome.tables) {
    tables.push_back(json_of(table, view.job_of(table)));
  }
  boost::json::array constraints;
  for (const ConstraintOutcome& one : migration.outcome.constraints) {
    constraints.push_back(json_of(one));
  }
  boost::json::array notes;
  for (const std::string& note : migration.outcome.notes) notes.emplace_back(note);
  boost::json::value error = nullptr;
  if (migration.error) {
    error = {{"code", to_string(migration.error->code)},
             {"message", migration.error->message},
             {"hint", migration.error->details.hint}};
  }
  const auto time = [](const std::optional<Timestamp>& at) {
    return at ? boost::json::value(format_timestamp(*at)) : boost::json::value(nullptr);
  };
  const boost::json::object report{{"migration",
                                    {{"id", migration.id.to_string()},
                                     {"name", migration.name},
                                     {"status", status},
                                     {"started_at", time(migration.started_at)},
                                     {"finished_at", time(migration.finished_at)},
                                     {"records", records_of(view).succeeded},
                                     {"error", std::move(error)}}},
                                   {"tables", std::move(tables)},
                                   {"constraints", std::move(constraints)},
                                   {"notes", std::move(notes)}};
  return boost::json::serialize(report);
}

}  // namespace freight::daemon
