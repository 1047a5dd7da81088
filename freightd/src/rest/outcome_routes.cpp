#include <array>

#include <boost/json.hpp>

#include "freight/report.hpp"
#include "freight/storage.hpp"
#include "rest/query.hpp"
#include "rest/routes.hpp"
#include "rest/services.hpp"
#include "rest/shapes.hpp"
#include "rest/text.hpp"

// What became of a job's records: its log, single records, batches, rejects and the report.

namespace freight::daemon::rest {
namespace {

namespace json = boost::json;

LogQuery read_log_query(Query& query) {
  LogQuery log;
  log.scope = query.choice("scope", &parse_log_scope, "job, batch or record");
  log.outcome = query.choice("status", &parse_outcome, "the outcome of a record");
  log.level = query.choice("level", &parse_log_level, "debug, info, warning or error");
  log.code = query.choice("code", &parse_code, "one of Freight's codes");
  log.batch_id = query.id<BatchId>("batch_id");
  log.since = query.time("since");
  log.until = query.time("until");
  const auto order = query.text("order");
  if (order && *order != "asc" && *order != "desc") query.report("order", "takes asc or desc");
  log.newest_first = order == "desc";
  return log;
}

http::Answer file_answer(std::string content_type, const std::string& name,
                         std::function<void(http::AnswerStream&)> stream) {
  http::Answer answer;
  answer.content_type = std::move(content_type);
  answer.headers.emplace_back("Content-Disposition", "attachment; filename=\"" + name + "\"");
  answer.stream = std::move(stream);
  return answer;
}

http::Answer stream_log(Call& call, const Job& job, const LogQuery& log, bool csv) {
  JobStore& store = call.jobs();
  const std::string name = "log-" + job.id.to_string() + (csv ? ".csv" : ".ndjson");
  return file_answer(csv ? "text/csv; charset=utf-8" : "application/x-ndjson", name,
                     [&store, job, log, csv](http::AnswerStream& out) {
                       export_log(store, job, log, csv ? LogFormat::csv : LogFormat::ndjson,
                                  [&](std::string_view text) { out.write(text); });
                     });
}

/// As far as totals are counted, page by page.
std::uint64_t count_log(const Call& call, const Job& job, LogQuery log) {
  std::uint64_t count = 0;
  log.limit = 1000;
  log.after.reset();
  while (count <= most_counted) {
    const auto entries = call.jobs().list_log(call.tenant_id(), job.id, log);
    count += entries.size();
    if (entries.size() < log.limit) break;
    log.after = entries.back().cursor;
  }
  return count;
}

http::Answer get_logs(Call& call) {
  const Job job = call.job();
  Query query(call);
  LogQuery log = read_log_query(query);
  const PageQuery page = read_page(query);
  if (page.cursor) {
    try {
      log.after = LogCursor::parse(*page.cursor);
    } catch (const Error&) {
      query.report("cursor", "is none that this list has given");
    }
  }
  query.finish();
  const std::string* const accept = call.request.header("Accept");
  if (accepts(accept, "text/csv")) return stream_log(call, job, log, true);
  if (accepts(accept, "application/x-ndjson")) return stream_log(call, job, log, false);

  log.limit = page.limit + 1;
  auto entries = call.jobs().list_log(call.tenant_id(), job.id, log);
  const bool more = cut_page(entries, page);
  json::array items;
  for (const LogEntry& entry : entries) items.push_back(shape_of(entry));
  json::object body = page_object(std::move(items), more ? entries.back().cursor.to_string() : "");
  if (page.total) add_total(body, count_log(call, job, log));
  return json_answer(body);
}

http::Answer get_record(Call& call) {
  const Job job = call.job();
  const std::string& text = call.path_text("ordinal");
  const auto ordinal = whole_number(text);
  const auto fate =
      ordinal ? call.jobs().find_record(call.tenant_id(), job.id, *ordinal) : std::nullopt;
  if (!fate) throw not_found("record");
  return json_answer(shape_of(*fate));
}

std::uint64_t count_batches(const Call& call, JobId job_id, std::vector<BatchStatus> statuses) {
  constexpr std::uint32_t together = 10'000;
  BatchQuery query;
  query.statuses = std::move(statuses);
  query.limit = together;
  std::uint64_t count = 0;
  while (true) {
    const auto found = call.jobs().list_batches(call.tenant_id(), job_id, query);
    count += found.size();
    if (found.size() < together) return count;
    query.first_sequence = found.back().sequence + 1;
  }
}

http::Answer list_batches(Call& call) {
  const Job job = call.job();
  Query query(call);
  BatchQuery batches;
  batches.statuses = query.choices("status", &parse_batch_status, "the status of a batch");
  const PageQuery page = read_page(query);
  batches.first_sequence = read_number_cursor(query, page).value_or(0);
  query.finish();
  batches.limit = page.limit + 1;
  auto found = call.jobs().list_batches(call.tenant_id(), job.id, batches);
  const bool more = cut_page(found, page);
  json::array items;
  for (const Batch& batch : found) items.push_back(shape_of(batch));
  json::object body = page_object(std::move(items),
                                  more ? cursor_of(std::to_string(found.back().sequence + 1)) : "");
  if (page.total) {
    add_total(body, batches.statuses.empty() ? job.batches_total
                                             : count_batches(call, job.id, batches.statuses));
  }
  return json_answer(body);
}

http::Answer get_batch(Call& call) {
  const auto id = call.path_id<BatchId>("batch_id", "batch");
  const auto batch = call.jobs().find_batch(call.tenant_id(), id);
  if (!batch) throw not_found("batch");
  return json_answer(shape_of(*batch));
}

http::Answer stream_rejects(Call& call, const Job& job, RejectsFormat format) {
  JobStore& store = call.jobs();
  const ConnectorRegistry& connectors = call.services.connectors;
  const bool csv = format == RejectsFormat::csv;
  const std::string name = "rejects-" + job.id.to_string() + (csv ? ".csv" : ".ndjson");
  return file_answer(csv ? "text/csv; charset=utf-8" : "application/x-ndjson", name,
                     [&store, &connectors, job, format](http::AnswerStream& out) {
                       export_rejects(store, job, [&](std::string_view text) { out.write(text); },
                                      {.format = format, .connectors = &connectors});
                     });
}

std::optional<RejectsFormat> format_of(std::string_view name) {
  if (name == "csv") return RejectsFormat::csv;
  if (name == "ndjson") return RejectsFormat::ndjson;
  return std::nullopt;
}

http::Answer get_rejects(Call& call) {
  const Job job = call.job();
  Query query(call);
  const auto format = query.choice("format", &format_of, "csv or ndjson");
  query.finish();
  const bool wants_ndjson = accepts(call.request.header("Accept"), "application/x-ndjson");
  return stream_rejects(call, job,
                        format.value_or(wants_ndjson ? RejectsFormat::ndjson : RejectsFormat::csv));
}

http::Answer get_report(Call& call) {
  const Job job = call.job();
  if (accepts(call.request.header("Accept"), "text/csv"))
    return stream_rejects(call, job, RejectsFormat::csv);
  constexpr std::uint32_t most_groups = 100;
  const auto rejects = call.jobs().summarise_rejects(call.tenant_id(), job.id, most_groups);
  return {.status = 200, .body = render_report(job, rejects)};
}

constexpr std::array log_parameters{
    Parameter{"scope", "LogScope", "only entries of jobs, batches or records"},
    Parameter{"status", "Outcome", "only records with this outcome"},
    Parameter{"level", "LogLevel", "only entries of this level"},
    Parameter{"code", "Code", "only entries with this code"},
    Parameter{"batch_id", "Id", "only entries of this batch"},
    Parameter{"since", "Time", "at this time or later"},
    Parameter{"until", "Time", "before this time"},
    Parameter{"order", "Order", "asc (the default) or desc"},
    limit_parameter,
    cursor_parameter,
    total_parameter};
constexpr std::array batch_parameters{
    Parameter{"status", "BatchStatus", "only batches of these statuses", true}, limit_parameter,
    cursor_parameter, total_parameter};
constexpr std::array reject_parameters{
    Parameter{"format", "RejectsFormat", "csv (the default) or ndjson"}};

constexpr std::array outcome_table{
    Route{.method = "GET",
          .path = "/api/v1/jobs/{job_id}/logs",
          .operation_id = "getJobLogs",
          .access = Access::read,
          .handle = get_logs,
          .summary = "Events and outcomes of records, in order",
          .parameters = log_parameters,
          .answer = "LogPage",
          .streamed = Streamed::for_files,
          .answer_types = "application/json text/csv application/x-ndjson"},
    Route{.method = "GET",
          .path = "/api/v1/jobs/{job_id}/records/{ordinal}",
          .operation_id = "getRecord",
          .access = Access::read,
          .handle = get_record,
          .summary = "What became of one record",
          .answer = "Record"},
    Route{.method = "GET",
          .path = "/api/v1/jobs/{job_id}/batches",
          .operation_id = "listBatches",
          .access = Access::read,
          .handle = list_batches,
          .summary = "The batches of a job",
          .parameters = batch_parameters,
          .answer = "BatchPage"},
    Route{.method = "GET",
          .path = "/api/v1/batches/{batch_id}",
          .operation_id = "getBatch",
          .access = Access::read,
          .handle = get_batch,
          .summary = "One batch",
          .answer = "Batch"},
    Route{.method = "GET",
          .path = "/api/v1/jobs/{job_id}/rejects",
          .operation_id = "getRejects",
          .access = Access::read,
          .handle = get_rejects,
          .summary = "Download the rejected records",
          .parameters = reject_parameters,
          .streamed = Streamed::always,
          .answer_types = "text/csv application/x-ndjson"},
    Route{.method = "GET",
          .path = "/api/v1/jobs/{job_id}/report",
          .operation_id = "getReport",
          .access = Access::read,
          .handle = get_report,
          .summary = "The reconciliation and a summary of the rejects",
          .answer = "Report",
          .streamed = Streamed::for_files,
          .answer_types = "application/json text/csv"},
};

}  // namespace

std::span<const Route> outcome_routes() { return outcome_table; }

}  // namespace freight::daemon::rest
