#include "summary.hpp"

#include <algorithm>
#include <cstdint>
#include <string_view>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include "terminal_text.hpp"

namespace freight::daemon {
namespace {

constexpr std::size_t most_groups = 5;

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
  if (!job.started_at || !job.finished_at) return;
  const auto took =
      std::chrono::duration_cast<std::chrono::milliseconds>(*job.finished_at - *job.started_at);
  const double seconds = std::chrono::duration<double>(*job.finished_at - *job.started_at).count();
  std::string text = duration_text(took);
  if (seconds > 0) {
    text += ", " +
            std::to_string(
                static_cast<std::uint64_t>(static_cast<double>(job.records.read) / seconds)) +
            " records/s";
  }
  add_line(out, "time", text);
}

void add_rejects(std::string& out, std::span<const RejectGroup> rejects) {
  if (rejects.empty()) return;
  out += "  top reject reasons\n";
  for (const RejectGroup& group : rejects.first(std::min(rejects.size(), most_groups))) {
    std::string text = std::string(to_string(group.code));
    if (!group.column.empty()) text += " in " + printable(group.column, 60);
    if (group.example_line > 0) text += ", as in line " + std::to_string(group.example_line);
    text += ": " + printable(group.example_message, 160);
    add_line(out, "  " + std::to_string(group.count), text);
    if (!group.example_hint.empty()) add_line(out, "", printable(group.example_hint, 200));
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

std::string summarise(const Job& job, std::span<const RejectGroup> rejects) {
  std::string out = (job.name.empty() ? "job" : printable(job.name)) + ": " +
                    std::string(to_string(job.status)) + "\n";
  add_line(out, "job", job.id.to_string());
  add_counts(out, job);
  add_time(out, job);
  add_rejects(out, rejects);
  add_reconciliation(out, job);
  if (job.status == JobStatus::failed || job.status == JobStatus::cancelled) {
    add_line(out, "again", "the same command tries again what is pending; --new begins anew");
  }
  for (const auto& warning : job.warnings) add_line(out, "warning", printable(warning));
  if (job.error)
    add_line(out, "error",
             printable(job.error->message) + " (" + std::string(to_string(job.error->code)) + ")");
  return out;
}

}  // namespace freight::daemon
