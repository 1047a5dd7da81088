#include "migration_report.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include <boost/json.hpp>

#include "terminal_text.hpp"

namespace freight::daemon {
namespace {

constexpr std::size_t widest_name = 40;

std::string_view name_of(TableState state) {
  switch (state) {
    case TableState::waiting:
      return "waiting";
    case TableState::running:
      return "running";
    case TableState::completed:
      return "completed";
    case TableState::failed:
      return "failed";
    case TableState::skipped:
      return "skipped";
    case TableState::left_out:
      return "left_out";
  }
  return "waiting";
}

std::string_view name_of(ConstraintState state) {
  switch (state) {
    case ConstraintState::waiting:
      return "waiting";
    case ConstraintState::present:
      return "present";
    case ConstraintState::added:
      return "added";
    case ConstraintState::failed:
      return "failed";
  }
  return "waiting";
}

/// With errors or without is the job's to say.
std::string_view state_of(const TableOutcome& table) {
  if (table.state == TableState::completed && table.job) return to_string(table.job->status);
  return name_of(table.state);
}

std::string padded(std::string text, std::size_t width) {
  if (text.size() < width) text.append(width - text.size(), ' ');
  return text;
}

std::string number_right(std::uint64_t number, std::size_t width) {
  const std::string digits = std::to_string(number);
  return digits.size() < width ? std::string(width - digits.size(), ' ') + digits : digits;
}

std::chrono::milliseconds between(Timestamp from, Timestamp to) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(to - from);
}

std::uint64_t records_of(const MigrationOutcome& outcome) {
  std::uint64_t records = 0;
  for (const TableOutcome& table : outcome.tables) {
    if (table.job) records += table.job->records.succeeded;
  }
  return records;
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

void add_tables(std::string& out, const MigrationOutcome& outcome) {
  std::size_t width = 5;
  for (const TableOutcome& table : outcome.tables) {
    width = std::max(width, std::min(table.to.size(), widest_name));
  }
  out += "  " + padded("table", width) + "       loaded   rejected  state\n";
  for (const TableOutcome& table : outcome.tables) {
    if (table.state == TableState::left_out) continue;
    const RecordCounts records = table.job ? table.job->records : RecordCounts();
    out += "  " + padded(printable(table.to, 200), width) + ' ' +
           number_right(records.succeeded, 12) + ' ' + number_right(records.rejected, 10) + "  " +
           std::string(state_of(table)) + '\n';
    if (!table.message.empty()) {
      out += "  " + padded("", width) + "  " + printable(table.message) + '\n';
    }
    if (table.job && records.rejected > 0) {
      out += "  " + padded("", width) + "  freightd rejects " + table.job->id.to_string() +
             " shows them\n";
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
    out += "  " + printable(one.constraint.table) + ": " + printable(one.constraint.subject) +
           ": " + printable(one.message) + '\n';
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

boost::json::object json_of(const TableOutcome& table) {
  boost::json::object object{{"from", table.from}, {"to", table.to}, {"state", state_of(table)}};
  object["job_id"] = nullptr;
  if (table.job) {
    object["job_id"] = table.job->id.to_string();
    object["records"] = counts_of(table.job->records);
    if (table.job->started_at && table.job->finished_at) {
      object["seconds"] =
          std::chrono::duration<double>(*table.job->finished_at - *table.job->started_at).count();
    }
  }
  if (!table.message.empty()) object["message"] = table.message;
  return object;
}

boost::json::object json_of(const ConstraintOutcome& outcome) {
  const MigrationConstraint& constraint = outcome.constraint;
  const bool is_index = constraint.kind == MigrationConstraint::Kind::index;
  boost::json::object object{{"table", constraint.table},
                             {"kind", is_index ? "index" : "foreign_key"},
                             {"subject", constraint.subject},
                             {"state", name_of(outcome.state)}};
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

std::string_view MigrationOutcome::status() const {
  bool failed = error.has_value();
  bool errors = false;
  bool waits = false;
  for (const TableOutcome& table : tables) {
    failed |= table.state == TableState::failed || table.state == TableState::skipped;
    waits |= table.state == TableState::waiting || table.state == TableState::running;
    errors |= table.job && table.job->status == JobStatus::completed_with_errors;
  }
  for (const ConstraintOutcome& one : constraints) {
    errors |= one.state == ConstraintState::failed;
    waits |= one.state == ConstraintState::waiting;
  }
  if (failed) return "failed";
  if (waits) return "interrupted";
  return errors ? "completed_with_errors" : "completed";
}

std::string summarise(const MigrationOutcome& outcome) {
  const auto tables =
      std::count_if(outcome.tables.begin(), outcome.tables.end(),
                    [](const TableOutcome& table) { return table.state != TableState::left_out; });
  std::string out = printable(outcome.name) + ": " + std::string(outcome.status()) + ", " +
                    std::to_string(tables) + (tables == 1 ? " table, " : " tables, ") +
                    std::to_string(records_of(outcome)) + " records in " +
                    duration_text(between(outcome.started_at, outcome.finished_at)) + '\n';
  add_tables(out, outcome);
  add_constraints(out, outcome);
  for (const std::string& note : outcome.notes) out += "  note: " + printable(note) + '\n';
  if (outcome.status() == "failed" || outcome.status() == "interrupted") {
    out += "  the same command goes on where it stopped\n";
  }
  return out;
}

std::string render_report(const MigrationOutcome& outcome) {
  boost::json::array tables;
  for (const TableOutcome& table : outcome.tables) tables.push_back(json_of(table));
  boost::json::array constraints;
  for (const ConstraintOutcome& one : outcome.constraints) constraints.push_back(json_of(one));
  boost::json::array notes;
  for (const std::string& note : outcome.notes) notes.emplace_back(note);
  boost::json::value error = nullptr;
  if (outcome.error) {
    error = {{"code", to_string(outcome.error->code)},
             {"message", outcome.error->message},
             {"hint", outcome.error->details.hint}};
  }
  const boost::json::object report{{"migration",
                                    {{"name", outcome.name},
                                     {"status", outcome.status()},
                                     {"started_at", format_timestamp(outcome.started_at)},
                                     {"finished_at", format_timestamp(outcome.finished_at)},
                                     {"records", records_of(outcome)},
                                     {"error", std::move(error)}}},
                                   {"tables", std::move(tables)},
                                   {"constraints", std::move(constraints)},
                                   {"notes", std::move(notes)}};
  return boost::json::serialize(report);
}

}  // namespace freight::daemon
