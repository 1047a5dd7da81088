#include "connectors/sql/destination/staging.hpp"

#include <algorithm>

#include "freight/error.hpp"

namespace freight::sql {
namespace {

// Short: the server makes names of indexes from it, and cuts them.
constexpr std::string_view staging_prefix = "freight_new_";
constexpr std::string_view exchanged_prefix = "freight_done_";
constexpr std::size_t job_digits = 32;

std::string name_of(std::string_view prefix, std::string_view target, std::string_view job_id) {
  std::string name = std::string(prefix) + std::string(target) + '_';
  for (const char letter : job_id) {
    if (letter != '-') name += letter;
  }
  return name;
}

void replace_all(std::string& text, std::string_view from, std::string_view to) {
  for (std::size_t at = text.find(from); at != std::string::npos;
       at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
}

[[noreturn]] void throw_empty_source(std::string_view target) {
  throw Error(Code::empty_source,
              "There is no record to put in place of the rows of " + std::string(target) +
                  "; they were left as they are.",
              {.hint = "If the table is to be emptied, set destination.allow_empty to true."});
}

}  // namespace

std::string staging_name(std::string_view target, std::string_view job_id) {
  return name_of(staging_prefix, target, job_id);
}

std::string exchanged_name(std::string_view target, std::string_view job_id) {
  return name_of(exchanged_prefix, target, job_id);
}

std::optional<std::string> job_of_staging(std::string_view name, std::string_view target) {
  const std::string beginning = name_of(staging_prefix, target, "");
  if (!name.starts_with(beginning) || name.size() != beginning.size() + job_digits) {
    return std::nullopt;
  }
  std::string job;
  for (const char digit : name.substr(beginning.size())) {
    if (job.size() == 8 || job.size() == 13 || job.size() == 18 || job.size() == 23) job += '-';
    job += digit;
  }
  return job;
}

void throw_busy(std::string_view target, std::string_view job_id, std::string_view staging) {
  throw Error(
      Code::destination_busy,
      "Another job is replacing the rows of " + std::string(target) + ": job " +
          std::string(job_id) + " has not finished.",
      {.hint = "Let it finish (run it again and it goes on) or cancel it. If it is gone for "
               "good: DROP TABLE " +
               std::string(staging) + ";"});
}

void throw_given_up(std::string_view target, std::string_view job_id) {
  throw Error(Code::invalid_state,
              "The rows that job " + std::string(job_id) + " had ready for " + std::string(target) +
                  " are gone: the job was given up, and its staging table with it.",
              {.hint = "Submit it as a new job (freightd run --new)."});
}

void check_exchange(std::string_view target, std::uint64_t staged, std::uint64_t expected) {
  if (staged == expected) return;
  throw Error(Code::destination_failed,
              "The rows of " + std::string(target) +
                  " cannot be replaced: " + std::to_string(staged) + " rows of " +
                  std::to_string(expected) + " are there. Nothing was changed.",
              {.hint = "See whether a trigger of the table takes rows away, or somebody wrote to "
                       "the staging table, and submit the job anew."});
}

void replace_rows(StagingTable& staging, const Replacement& replacement) {
  const std::string& target = replacement.target;
  if (!staging.exists()) throw_given_up(target, replacement.job_id);
  const std::uint64_t staged = staging.count();
  if (staged == 0 && !replacement.allow_empty) throw_empty_source(target);
  if (replacement.ledger_rows) check_exchange(target, staged, *replacement.ledger_rows);
  staging.exchange(replacement.columns);
  if (replacement.ledger_rows) {
    staging.drop();
  } else {
    staging.leave_mark();
  }
}

bool fills(const std::vector<std::string>& columns, const std::vector<std::string>& key) {
  return !key.empty() && std::all_of(key.begin(), key.end(), [&columns](const std::string& name) {
    return std::find(columns.begin(), columns.end(), name) != columns.end();
  });
}

void throw_needs_key(std::string_view target) {
  throw Error(Code::destination_failed,
              "Other tables refer to " + std::string(target) +
                  ", and its rows can only be replaced under them by a primary key that the job "
                  "fills.",
              {.hint = "Map the primary key's columns."});
}

void speak_of_target(std::vector<WriteException>& exceptions, std::string_view staging,
                     std::string_view target) {
  for (WriteException& exception : exceptions) {
    replace_all(exception.error.message, staging, target);
    replace_all(exception.error.expected, staging, target);
  }
}

}  // namespace freight::sql
