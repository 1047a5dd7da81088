#include "freight/report.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/json_text.hpp"
#include "freight/reconciliation.hpp"
#include "report/stored_spec.hpp"

namespace freight {
namespace {

constexpr int report_version = 1;

/// Writes the members of one JSON object.
class Members {
 public:
  explicit Members(std::string& out) : out_(out) { out_ += '{'; }
  void close() { out_ += '}'; }

  void json(std::string_view name, std::string_view value) {
    core::append_json_key(out_, name);
    out_ += value;
  }
  void number(std::string_view name, std::integral auto value) {
    json(name, std::to_string(value));
  }
  void text(std::string_view name, std::string_view value) {
    core::append_json_key(out_, name);
    core::append_json_string(out_, value);
  }
  void text(std::string_view name, const std::optional<std::string>& value) {
    if (!value) return json(name, "null");
    text(name, std::string_view(*value));
  }
  void time(std::string_view name, const std::optional<Timestamp>& value) {
    if (!value) return json(name, "null");
    text(name, std::string_view(format_timestamp(*value)));
  }
  void texts(std::string_view name, const std::vector<std::string>& values) {
    core::append_json_key(out_, name);
    out_ += '[';
    for (std::size_t index = 0; index < values.size(); ++index) {
      if (index > 0) out_ += ',';
      core::append_json_string(out_, values[index]);
    }
    out_ += ']';
  }
  /// `write` gets the Members of the object within.
  template <typename Write>
  void object(std::string_view name, const Write& write) {
    core::append_json_key(out_, name);
    Members members(out_);
    write(members);
    members.close();
  }

 private:
  std::string& out_;
};

/// Whether a record can be written twice: never where the ledger keeps the units of work.
std::string_view delivery_of(const report::StoredSpec& spec) {
  if (spec.mode() == "validate") return "none";
  const auto type = spec.text("destination", "type");
  const bool has_ledger = type == "csv" || type == "jsonl" ||
                          (type == "sql" && spec.text("destination", "ledger") != "none");
  return has_ledger ? "exactly_once" : "at_least_once";
}

/// The stages that a validation takes each record through.
std::vector<std::string> stages_of(const report::StoredSpec& spec) {
  std::vector<std::string> stages{"parse"};
  if (spec.has("filter")) stages.emplace_back("filter");
  stages.emplace_back("map");
  stages.emplace_back("validate");
  if (spec.flag("rehearse")) stages.emplace_back("write");
  return stages;
}

void add_records(Members& members, const Job& job) {
  const RecordCounts& records = job.records;
  members.number("read", records.read);
  members.number("succeeded", records.succeeded);
  members.number("rejected", records.rejected);
  members.number("skipped", records.skipped);
  members.number("filtered", records.filtered);
  members.number("pending",
                 job.records_planned - std::min(job.records_planned, records.accounted()));
  members.number("with_warnings", records.with_warnings);
}

void add_counts(Members& members, const Job& job) {
  members.object("records", [&](Members& records) { add_records(records, job); });
  members.object("written", [&](Members& written) {
    written.number("inserted", job.written.inserted);
    written.number("updated", job.written.updated);
    written.number("unchanged", job.written.unchanged);
  });
  members.object("batches", [&](Members& batches) {
    batches.number("total", job.batches_total);
    batches.number("completed", job.batches_completed);
    batches.number("failed", job.batches_failed);
  });
  members.number("batch_attempts", job.batch_attempts);
  members.number("retries", job.retries);
}

void add_rejects(Members& members, std::span<const RejectGroup> rejects) {
  std::string list = "[";
  for (const RejectGroup& group : rejects) {
    if (list.size() > 1) list += ',';
    Members entry(list);
    entry.text("code", to_string(group.code));
    entry.text("column", group.column.empty() ? std::nullopt : std::optional(group.column));
    entry.number("count", group.count);
    entry.object("example", [&](Members& example) {
      // Not every source has lines.
      example.json("line", group.example_line == 0 ? "null" : std::to_string(group.example_line));
      const std::string file = file_of_locator(group.example_locator);
      if (!file.empty()) example.text("file", std::string_view(file));
      example.text("value", group.example_value);
      example.text("message", std::string_view(group.example_message));
      if (!group.example_hint.empty()) {
        example.text("hint", std::string_view(group.example_hint));
      }
    });
    entry.close();
  }
  members.json("rejects", list + "]");
}

void add_state(Members& members, const Job& job) {
  if (job.waiting_on) {
    members.object("waiting_on", [&](Members& waiting) {
      waiting.text("code", to_string(job.waiting_on->code));
      waiting.text("message", std::string_view(job.waiting_on->message));
      waiting.time("since", job.waiting_on->since);
      waiting.time("next_attempt_at", job.waiting_on->next_attempt_at);
    });
  }
  if (!job.error) return members.json("error", "null");
  members.object("error", [&](Members& error) {
    error.text("code", to_string(job.error->code));
    error.text("category", to_string(job.error->category));
    error.text("message", std::string_view(job.error->message));
    error.text("hint", std::string_view(job.error->details.hint));
  });
}

/// The first pass has a row of its own only once there was another.
std::vector<JobPass> passes_of(const Job& job) {
  if (!job.passes.empty() || !job.started_at) return job.passes;
  return {{.number = 1,
           .records = job.records.read,
           .started_at = job.started_at,
           .finished_at = job.finished_at}};
}

void add_times(Members& members, const Job& job) {
  const auto passes = passes_of(job);
  std::string list = "[";
  for (const auto& pass : passes) {
    if (list.size() > 1) list += ',';
    Members entry(list);
    entry.number("number", pass.number);
    entry.time("started_at", pass.started_at);
    entry.number("records", pass.records);
    entry.close();
  }
  members.json("passes", list + "]");
  members.time("started_at", job.started_at);
  members.time("finished_at", job.finished_at);
  const auto took = time_at_work(job);
  if (!took) {
    members.json("duration_ms", "null");
    members.json("records_per_second", "null");
    return;
  }
  const double seconds = std::max(std::chrono::duration<double>(*took).count(), 1e-6);
  members.number("duration_ms",
                 std::chrono::duration_cast<std::chrono::milliseconds>(*took).count());
  members.number("records_per_second",
                 std::llround(static_cast<double>(job.records.read) / seconds));
}

/// Of a job that ended before anybody reconciled it: what its counters say.
std::string reconciliation_of(const Job& job) {
  if (!job.reconciliation.empty()) return job.reconciliation;
  if (!is_final(job.status)) return "null";
  const ReconciliationFacts facts{.source_count = job.source_count.value_or(job.records_planned),
                                  .batch_sums = job.records,
                                  .ledger_rows = std::nullopt,
                                  .destination_delta = std::nullopt,
                                  .delta_missing = job.status == JobStatus::cancelled
                                                       ? "the job was cancelled"
                                                       : "the job failed"};
  return render_reconciliation(facts, reconcile(job, facts));
}

}  // namespace

std::optional<std::chrono::microseconds> time_at_work(const Job& job) {
  if (!job.started_at || !job.finished_at) return std::nullopt;
  std::chrono::microseconds sum{0};
  for (const auto& pass : passes_of(job)) {
    if (pass.started_at && pass.finished_at) sum += *pass.finished_at - *pass.started_at;
  }
  return sum;
}

std::string render_report(const Job& job, std::span<const RejectGroup> rejects) {
  const report::StoredSpec spec(job.spec);
  std::string out;
  Members members(out);
  members.number("report_version", report_version);
  members.text("job_id", job.id.is_nil() ? std::nullopt : std::optional(job.id.to_string()));
  members.text("name", std::string_view(job.name));
  members.text("status", to_string(job.status));
  members.text("mode", std::string_view(spec.mode()));
  if (spec.mode() == "validate") members.texts("stages", stages_of(spec));
  members.text("delivery", delivery_of(spec));
  add_counts(members, job);
  members.json("reconciliation", reconciliation_of(job));
  add_rejects(members, rejects);
  members.texts("warnings", job.warnings);
  members.texts("unmapped_columns", job.unmapped_columns);
  members.texts("unfilled_columns", job.unfilled_columns);
  add_state(members, job);
  add_times(members, job);
  members.json("spec", spec.display_json());
  members.close();
  return out;
}

}  // namespace freight
