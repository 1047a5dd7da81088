#include "rest/shapes.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <string>
#include <utility>

#include <boost/json.hpp>

#include "freight/report.hpp"
#include "freight/tenant_limits.hpp"
#include "rest/text.hpp"

namespace freight::daemon::rest {
namespace {

namespace json = boost::json;

json::string_view text(std::string_view value) { return {value.data(), value.size()}; }

template <typename Number>
json::value number_or_null(const std::optional<Number>& number) {
  if (!number) return nullptr;
  return *number;
}

/// Of a source of several files.
void add_file(json::object& object, std::string_view locator) {
  const std::string file = file_of_locator(locator);
  if (!file.empty()) object["file"] = utf8_of(file);
}

json::object labels_of(const Job& job, const json::storage_ptr& storage) {
  json::object labels(storage);
  for (const auto& [key, value] : job.labels) labels[key] = value;
  return labels;
}

/// What is known of the whole: only once the job is planned, or when its source knew it.
std::optional<std::uint64_t> records_total(const Job& job) {
  if (job.planned) return job.records_planned;
  return job.source_count;
}

std::optional<double> percent_of(const Job& job) {
  const bool done =
      job.status == JobStatus::completed || job.status == JobStatus::completed_with_errors;
  if (done) return 100.0;
  constexpr double most_before_the_end = 99.9;
  // By bytes wherever they are known, from the beginning to the end: what changed from one measure
  // to another might fall.
  double share = 0;
  const auto total = records_total(job);
  if (job.bytes_total && *job.bytes_total > 0) {
    share = static_cast<double>(job.bytes_read) / static_cast<double>(*job.bytes_total);
  } else if (!total) {
    return std::nullopt;
  } else if (*total > 0) {
    share = static_cast<double>(job.records.accounted()) / static_cast<double>(*total);
  }
  constexpr double tenths = 1000.0;
  return std::min(static_cast<double>(static_cast<std::uint64_t>(share * tenths)) / 10.0,
                  most_before_the_end);
}

std::optional<double> rate_of(const Job& job) {
  if (!job.started_at) return std::nullopt;
  const auto end = job.finished_at.value_or(system_clock().now());
  const auto seconds = std::chrono::duration<double>(end - *job.started_at).count();
  if (seconds <= 0) return std::nullopt;
  return static_cast<double>(job.records.accounted()) / seconds;
}

json::object progress_of(const Job& job, const json::storage_ptr& storage) {
  const auto total = records_total(job);
  const auto rate = rate_of(job);
  const std::uint64_t accounted = job.records.accounted();
  json::value pending = nullptr;
  json::value eta = nullptr;
  if (total) {
    const std::uint64_t left = *total > accounted ? *total - accounted : 0;
    pending = left;
    if (job.status == JobStatus::running && rate && *rate > 0)
      eta = static_cast<std::uint64_t>(static_cast<double>(left) / *rate);
  }
  if (is_final(job.status)) eta = nullptr;
  json::value per_second = nullptr;
  if (rate) per_second = static_cast<std::uint64_t>(*rate);
  json::object progress(storage);
  progress.reserve(18);
  progress["records_total"] = number_or_null(total);
  progress["read"] = job.records.read;
  progress["succeeded"] = job.records.succeeded;
  progress["rejected"] = job.records.rejected;
  progress["skipped"] = job.records.skipped;
  progress["filtered"] = job.records.filtered;
  progress["pending"] = std::move(pending);
  progress["with_warnings"] = job.records.with_warnings;
  progress["bytes_total"] = number_or_null(job.bytes_total);
  progress["bytes_read"] = job.bytes_read;
  progress["planning"] = !job.planned && !is_final(job.status);
  progress["batches_total"] = job.batches_total;
  progress["batches_completed"] = job.batches_completed;
  progress["batches_failed"] = job.batches_failed;
  progress["percent"] = number_or_null(percent_of(job));
  progress["records_per_second"] = std::move(per_second);
  progress["eta_s"] = std::move(eta);
  return progress;
}

/// The spec as it was resolved, without the records that stood in it.
json::value spec_without_records(const Job& job) {
  json::value spec = parse_own(job.spec);
  if (auto* const object = spec.if_object()) {
    if (auto* const source = object->if_contains("source");
        source != nullptr && source->is_object())
      source->get_object().erase("records");
  }
  return spec;
}

json::value error_of(const std::optional<Failure>& failure) {
  if (!failure) return nullptr;
  return shape_of(*failure);
}

}  // namespace

json::value parse_own(std::string_view text) {
  json::error_code failed;
  json::parse_options deep;
  deep.max_depth = 128;
  json::value value = json::parse(json::string_view(text.data(), text.size()), failed, {}, deep);
  return failed ? nullptr : value;
}

std::string utf8_of(std::string_view value) {
  if (is_clean_text(value)) return std::string(value);
  std::string out;
  for (std::size_t at = 0; at < value.size();) {
    std::size_t length = 1;
    const auto lead = static_cast<unsigned char>(value[at]);
    if (lead >= 0xF0) {
      length = 4;
    } else if (lead >= 0xE0) {
      length = 3;
    } else if (lead >= 0xC0) {
      length = 2;
    }
    const auto part = value.substr(at, length);
    const bool control = lead < 0x20 || lead == 0x7f;
    if (control || is_clean_text(part)) {
      out += part;
      at += part.size();
    } else {
      out += "\xEF\xBF\xBD";
      ++at;
    }
  }
  return out;
}

json::value time_or_null(const std::optional<Timestamp>& time) {
  if (!time) return nullptr;
  return text(format_timestamp(*time));
}

json::value text_or_null(const std::optional<std::string>& value) {
  if (!value) return nullptr;
  return text(*value);
}

json::object shape_of(const Failure& failure) {
  json::object object;
  object["code"] = text(to_string(failure.code));
  object["category"] = text(to_string(failure.category));
  object["message"] = utf8_of(failure.message);
  object["hint"] = failure.details.hint;
  object["sqlstate"] = failure.details.sqlstate.empty()
                           ? json::value(nullptr)
                           : json::value(text(failure.details.sqlstate));
  return object;
}

json::object shape_of(const Job& job, const json::storage_ptr& storage) {
  json::object object(storage);
  object.reserve(21);
  object["id"] = text(job.id.to_string());
  object["tenant_id"] = text(job.tenant_id.to_string());
  object["name"] = text(job.name);
  object["status"] = text(to_string(job.status));
  object["priority"] = job.priority;
  object["labels"] = labels_of(job, storage);
  object["migration_id"] =
      job.migration_id ? json::value(text(job.migration_id->to_string())) : json::value(nullptr);
  object["progress"] = progress_of(job, storage);
  object["waiting_on"] = nullptr;
  if (job.waiting_on) {
    object["waiting_on"] =
        json::object{{"code", text(to_string(job.waiting_on->code))},
                     {"message", utf8_of(job.waiting_on->message)},
                     {"since", text(format_timestamp(job.waiting_on->since))},
                     {"next_attempt_at", text(format_timestamp(job.waiting_on->next_attempt_at))}};
  }
  json::array actions(storage);
  for (const std::string_view action : actions_of(job.status)) actions.push_back(text(action));
  object["actions"] = std::move(actions);
  object["open_dead_letters"] = job.records.rejected > job.records_discarded
                                    ? job.records.rejected - job.records_discarded
                                    : 0;
  object["error"] = error_of(job.error);
  json::array warnings(storage);
  for (const std::string& warning : job.warnings) warnings.push_back(text(utf8_of(warning)));
  object["warnings"] = std::move(warnings);
  object["run_at"] = time_or_null(job.run_at);
  object["created_at"] = text(format_timestamp(job.created_at));
  object["started_at"] = time_or_null(job.started_at);
  object["finished_at"] = time_or_null(job.finished_at);
  object["updated_at"] = text(format_timestamp(job.updated_at));
  return object;
}

std::string text_of(const Job& job) {
  // Of many small values that are gone with this call.
  std::array<unsigned char, 8192> memory;
  json::monotonic_resource resource(memory.data(), memory.size());
  json::object object = shape_of(job, &resource);
  // The spec is JSON already, and often the larger part: it is parsed only to leave something out.
  if (job.spec.find("\"records\"") != std::string::npos) {
    object["spec"] = spec_without_records(job);
    return json::serialize(object);
  }
  std::string text = json::serialize(object);
  text.back() = ',';
  text += "\"spec\":";
  text += job.spec;
  text += '}';
  return text;
}

json::object shape_of(const Batch& batch) {
  json::object object{{"id", text(batch.id.to_string())},
                      {"job_id", text(batch.job_id.to_string())},
                      {"sequence", batch.sequence},
                      {"kind", text(to_string(batch.kind))},
                      {"status", text(to_string(batch.status))},
                      {"attempts", batch.attempts},
                      {"first_ordinal", batch.first_ordinal},
                      {"records", batch.records},
                      {"byte_offset", batch.byte_offset},
                      {"byte_length", batch.byte_length},
                      {"first_line", batch.first_line},
                      {"succeeded", batch.counts.succeeded},
                      {"rejected", batch.counts.rejected},
                      {"skipped", batch.counts.skipped},
                      {"filtered", batch.counts.filtered},
                      {"started_at", time_or_null(batch.started_at)},
                      {"finished_at", time_or_null(batch.finished_at)},
                      {"error", error_of(batch.error)}};
  add_file(object, batch.locator);
  return object;
}

json::object shape_of(const LogEntry& entry) {
  json::object object;
  object.reserve(16);
  object["id"] = text(entry.cursor.to_string());
  object["time"] = text(format_timestamp(entry.time));
  object["scope"] = text(to_string(entry.scope));
  object["level"] = text(to_string(entry.level));
  object["event"] = entry.event;
  object["status"] = nullptr;
  if (entry.outcome) object["status"] = text(to_string(*entry.outcome));
  object["batch_id"] = nullptr;
  if (entry.batch_id) object["batch_id"] = text(entry.batch_id->to_string());
  object["batch_sequence"] = number_or_null(entry.batch_sequence);
  object["ordinal"] = number_or_null(entry.ordinal);
  object["attempt"] = entry.attempt;
  object["code"] = nullptr;
  if (entry.code) object["code"] = text(to_string(*entry.code));
  object["column"] = entry.column.empty() ? json::value(nullptr) : json::value(entry.column);
  object["key"] = entry.key_values.empty() ? json::value(nullptr)
                                           : json::value(utf8_of(key_text(entry.key_values)));
  std::string message = utf8_of(entry.message);
  if (message.empty()) {
    // What has nothing more to say is said in the words of its name.
    message = entry.event;
    std::replace(message.begin(), message.end(), '_', ' ');
  }
  object["message"] = message;
  return object;
}

json::object shape_of(const RecordFate& fate) {
  json::array errors;
  for (const RecordError& error : fate.errors)
    errors.push_back(json::parse(render_record_error(error)));
  json::object object{{"ordinal", fate.ordinal},
                      {"outcome", text(to_string(fate.outcome))},
                      {"batch_id", nullptr},
                      {"batch_sequence", number_or_null(fate.batch_sequence)},
                      {"attempts", fate.attempts},
                      {"time", time_or_null(fate.time)},
                      {"line", nullptr},
                      {"byte_offset", nullptr},
                      {"key", nullptr},
                      {"errors", std::move(errors)}};
  if (fate.batch_id) object["batch_id"] = text(fate.batch_id->to_string());
  // Of a plain success only its batch's place is known.
  if (fate.line > 0) {
    object["line"] = fate.line;
    object["byte_offset"] = fate.byte_offset;
  }
  add_file(object, fate.locator);
  if (!fate.key_values.empty()) object["key"] = utf8_of(key_text(fate.key_values));
  return object;
}

json::object shape_of(const TenantLimits& limits) {
  json::object object;
  for_each_limit(limits, [&](const char* name, const std::optional<std::uint64_t>& limit) {
    if (limit) object[name] = *limit;
  });
  return object;
}

json::object shape_of(const Tenant& tenant) {
  return {{"id", text(tenant.id.to_string())},
          {"name", tenant.name},
          {"external_id", text_or_null(tenant.external_id)},
          {"status", text(to_string(tenant.status))},
          {"weight", tenant.weight},
          {"limits", shape_of(tenant.limits)},
          {"created_at", text(format_timestamp(tenant.created_at))}};
}

json::object shape_of(const ApiKey& key) {
  json::array scopes;
  for (const Scope scope : key.scopes) scopes.push_back(text(to_string(scope)));
  return {{"id", text(key.id.to_string())},
          {"prefix", key.prefix},
          {"scopes", std::move(scopes)},
          {"expires_at", time_or_null(key.expires_at)},
          {"created_at", text(format_timestamp(key.created_at))}};
}

json::object shape_of(const Upload& upload) {
  return {{"upload_id", text(upload.id.to_string())},
          {"filename", upload.filename},
          {"bytes", upload.bytes},
          {"sha256", upload.sha256},
          {"created_at", text(format_timestamp(upload.created_at))}};
}

json::object shape_of(const RecordCounts& counts) {
  return {{"read", counts.read},         {"succeeded", counts.succeeded},
          {"rejected", counts.rejected}, {"skipped", counts.skipped},
          {"filtered", counts.filtered}, {"with_warnings", counts.with_warnings}};
}

json::object shape_of(const QueueStatistics& queue) {
  return {{"ready", queue.ready},
          {"scheduled", queue.scheduled},
          {"leased", queue.leased},
          {"retrying", queue.retrying},
          {"held", queue.held},
          {"dead", queue.dead},
          {"oldest_ready_s", std::chrono::duration<double>(queue.oldest_ready).count()}};
}

}  // namespace freight::daemon::rest
