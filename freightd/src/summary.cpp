#include "summary.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include "freight/report.hpp"
#include "terminal_text.hpp"

namespace freight::daemon {
namespace {

constexpr std::size_t most_groups = 10;

void add_line(std::string& out, std::string_view name, std::string_view text) {
  constexpr std::size_t width = 16;
  out += "  ";
  out += name;
  out.append(name.size() < width ? width - name.size() : 1, ' ');
  out += text;
  out += '\n';
}

void add_count(std::string& out, std::string_view name, std::uint64_t count) {
  add_line(out, name, std::to_string(count));
}

void add_counts(std::string& out, const Job& job) {
  const RecordCounts& records = job.records;
  add_count(out, "read", records.read);
  add_count(out, "succeeded", records.succeeded);
  add_count(out, "rejected", records.rejected);
  if (records.skipped > 0) add_count(out, "skipped", records.skipped);
  if (records.filtered > 0) add_count(out, "filtered", records.filtered);
  if (records.with_warnings > 0) add_count(out, "with warnings", records.with_warnings);
  if (job.records_planned > records.read)
    add_count(out, "pending", job.records_planned - records.read);
}

void add_time(std::string& out, const Job& job) {
  const auto took = time_at_work(job);
  if (!took) return;
  std::string text = duration_text(std::chrono::duration_cast<std::chrono::milliseconds>(*took));
  const double seconds = std::chrono::duration<double>(*took).count();
  if (seconds > 0) {
    const double speed = static_cast<double>(job.records.read) / seconds;
    text += ", " + std::to_string(std::llround(speed)) + " records/s";
  }
  add_line(out, "time", text);
}

/// The object in the job's spec; nullptr for a job that has none.
const boost::json::object* object_in(const boost::json::value& spec, std::string_view key) {
  const auto* const object = spec.if_object();
  const auto* const found = object == nullptr ? nullptr : object->if_contains(key);
  return found == nullptr ? nullptr : found->if_object();
}

std::string text_in(const boost::json::object& object, std::string_view key) {
  const auto* const found = object.if_contains(key);
  if (found == nullptr || !found->is_string()) return {};
  return printable(std::string_view(found->get_string()), 200);
}

void add_destination(std::string& out, const boost::json::value& spec, bool validates) {
  const auto* const destination = object_in(spec, "destination");
  if (destination == nullptr) return;
  std::string text;
  for (const std::string_view key : {"table", "url", "connection", "path"}) {
    const std::string part = text_in(*destination, key);
    if (part.empty()) continue;
    text += (text.empty() ? "" : " in ") + part;
  }
  if (text.empty()) text = text_in(*destination, "type");
  add_line(out, "destination", text + (validates ? ", which a validation leaves as it is" : ""));
}

void add_rejects(std::string& out, const Job& job, std::span<const RejectGroup> rejects) {
  if (rejects.empty()) return;
  out += "  reject reasons\n";
  const auto shown = rejects.first(std::min(rejects.size(), most_groups));
  std::uint64_t records = 0;
  for (const RejectGroup& group : shown) {
    std::string text = std::string(to_string(group.code));
    if (!group.column.empty()) text += " in " + printable(group.column, 60);
    if (group.example_line > 0) text += ", as in line " + std::to_string(group.example_line);
    const std::string file = file_of_locator(group.example_locator);
    if (!file.empty()) text += " of " + printable(file, 300);
    text += ": " + printable(group.example_message, 160);
    add_line(out, "  " + std::to_string(group.count), text);
    if (!group.example_hint.empty()) add_line(out, "", printable(group.example_hint, 200));
    records += group.count;
  }
  if (rejects.size() == shown.size()) return;
  const std::uint64_t others = job.records.rejected - std::min(job.records.rejected, records);
  const std::size_t more = rejects.size() - shown.size();
  add_line(out, "  " + std::to_string(others),
           "of " + std::to_string(more) + (more == 1 ? " more reason" : " more reasons") +
               ": see --json or --report");
}

/// What a job did, as far as it matters for what may follow.
struct Kind {
  bool validates = false;
  /// Its destination is written as a whole: single records cannot follow.
  bool closed = false;
};

Kind kind_of(const boost::json::value& spec) {
  const auto* const object = spec.if_object();
  const auto* const destination = object_in(spec, "destination");
  if (object == nullptr || destination == nullptr) return {};
  const std::string type = text_in(*destination, "type");
  return {.validates = text_in(*object, "mode") == "validate",
          .closed = type == "csv" || type == "jsonl" ||
                    text_in(*destination, "write_disposition") == "replace"};
}

/// What a person does now, as it is to be typed.
void add_next(std::string& out, const Job& job, Kind kind, std::string_view same_storage) {
  const std::string id = job.id.to_string() + std::string(same_storage);
  const std::string run = "freightd run JOB.json" + std::string(same_storage);
  if (!is_final(job.status)) return add_line(out, "next", run + "  # goes on with it");
  if (job.status == JobStatus::completed) {
    if (kind.validates) add_line(out, "next", run);
  } else if (job.status == JobStatus::completed_with_errors) {
    if (job.records.rejected == job.records_discarded) return;
    add_line(out, "next", "freightd rejects " + id + " -o rejects.csv");
    const std::string again =
        kind.validates || kind.closed ? run : "freightd replay " + id + " --from rejects.csv";
    add_line(out, "", again + "  # once corrected");
  } else if (!kind.validates) {
    add_line(out, "next", "freightd retry " + id + "  # what is pending");
    add_line(out, "", run + " --new  # begins anew");
  }
}

void add_reconciliation(std::string& out, const Job& job) {
  if (job.reconciliation.empty()) return;
  boost::system::error_code failed;
  const auto section = boost::json::parse(job.reconciliation, failed);
  const auto* const object = failed ? nullptr : section.if_object();
  if (object == nullptr) return;
  const auto* const status = object->if_contains("status");
  if (status != nullptr && status->is_string())
    add_line(out, "reconciliation", std::string_view(status->as_string()));
  const auto* const differences = object->if_contains("differences");
  if (differences == nullptr || !differences->is_array()) return;
  for (const auto& difference : differences->as_array()) {
    if (difference.is_string())
      add_line(out, "", printable(std::string_view(difference.as_string())));
  }
}

}  // namespace

std::string summarise(const Job& job, std::span<const RejectGroup> rejects,
                      std::string_view same_storage) {
  boost::system::error_code failed;
  boost::json::parse_options deep;
  deep.max_depth = 128;
  const auto spec = boost::json::parse(job.spec, failed, {}, deep);
  const Kind kind = kind_of(spec);
  std::string out = (job.name.empty() ? "job" : printable(job.name)) + ": " +
                    std::string(to_string(job.status)) + "\n";
  add_line(out, "job", job.id.to_string());
  add_destination(out, spec, kind.validates);
  add_counts(out, job);
  add_time(out, job);
  add_rejects(out, job, rejects);
  add_reconciliation(out, job);
  for (const auto& warning : job.warnings) add_line(out, "warning", printable(warning));
  if (job.error)
    add_line(out, "error",
             printable(job.error->message) + " (" + std::string(to_string(job.error->code)) + ")");
  add_next(out, job, kind, same_storage);
  return out;
}

}  // namespace freight::daemon
