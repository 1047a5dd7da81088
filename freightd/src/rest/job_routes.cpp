#include <array>
#include <optional>

#include <boost/json.hpp>

#include "freight/job_engine.hpp"
#include "freight/preview.hpp"
#include "freight/storage.hpp"
#include "preview_json.hpp"
#include "rest/body.hpp"
#include "rest/query.hpp"
#include "rest/quota.hpp"
#include "rest/routes.hpp"
#include "rest/services.hpp"
#include "rest/shapes.hpp"
#include "rest/specs.hpp"
#include "rest/states.hpp"
#include "rest/text.hpp"

// Jobs as a whole: making, listing, steering and deleting them.

namespace freight::daemon::rest {
namespace {

namespace json = boost::json;

std::string location_of(JobId id) { return "/api/v1/jobs/" + id.to_string(); }

bool is_upload(const JobSpec& spec) {
  const auto file = source_file(spec.source);
  return file && !file->upload.empty();
}

/// The same input into the same table once more is refused before a job is made of it, where it
/// can be told at once.
std::optional<JobId> loaded_by(const Call& call, const JobSpec& spec) {
  if (spec.rerun == Rerun::allow || spec.mode != JobMode::run) return std::nullopt;
  if (std::holds_alternative<NullDestinationSpec>(spec.destination)) return std::nullopt;
  for (const Job& job : call.jobs().find_jobs_by_identity(call.tenant_id(), spec.identity)) {
    const bool loaded =
        job.status == JobStatus::completed || job.status == JobStatus::completed_with_errors;
    // What names a file by its path may have changed since; an upload and inline records have not.
    const bool same = std::holds_alternative<InlineSourceSpec>(spec.source) || is_upload(spec);
    if (loaded && same) return job.id;
  }
  return std::nullopt;
}

/// Why no new job is made of the spec, as a problem to throw.
void refuse_new(const Call& call, const JobSpec& spec) {
  require_quota(call);
  if (const auto earlier = loaded_by(call, spec)) {
    throw Problem{.code = Code::already_loaded,
                  .detail =
                      "the same records were loaded into this table by an earlier job; "
                      "\"rerun\": \"allow\" loads them again",
                  .more = {{"job_id", earlier->to_string()}}};
  }
}

http::Answer created(const Call& call, JobId id) {
  const auto job = call.jobs().find_job(call.tenant_id(), id);
  if (!job) throw not_found("job");
  http::Answer answer{.status = 201, .body = text_of(*job)};
  answer.headers.emplace_back("Location", location_of(id));
  return answer;
}

http::Answer create_job(Call& call) {
  const auto key = call.idempotency_key();
  const JobSpec spec = require_spec(call);
  // A request that was answered before is answered again, whatever has happened since.
  const bool repeated = key && call.jobs().find_submitted(call.tenant_id(), *key);
  if (!repeated) refuse_new(call, spec);
  if (!key) return created(call, call.services.engine.submit(call.tenant_id(), spec));
  const auto submitted = call.services.engine.submit_once(call.tenant_id(), spec, *key);
  return created(call, submitted.job_id);
}

http::Answer check_job(Call& call) {
  const TenantSpec read = read_spec(call);
  json::array errors;
  for (const InputError& error : read.errors) {
    errors.push_back(json::object{{"pointer", error.pointer},
                                  {"code", std::string(to_string(error.code))},
                                  {"detail", error.detail}});
  }
  json::object body{{"valid", read.errors.empty()}, {"errors", std::move(errors)}};
  body["resolved_spec"] = read.spec ? parse_own(read.spec->display_json) : json::value(nullptr);
  return json_answer(body);
}

http::Answer preview_job(Call& call) {
  Query query(call);
  const auto limit = query.number("limit", 1, 100);
  query.finish();
  const JobSpec spec = require_spec(call);
  PreviewOptions options;
  options.limit = static_cast<std::uint32_t>(limit.value_or(options.limit));
  options.tenant_id = call.tenant_id();
  try {
    return json_answer(json_of(preview(spec, call.services.connectors, options)));
  } catch (const Error& error) {
    // What is wrong with the tenant's own source or destination is no fault of the server.
    throw Problem{.code = error.code(), .detail = detail_of(error), .status = 422};
  }
}

std::optional<std::pair<JobSort, bool>> sort_of(std::string_view text) {
  const bool descending = text.starts_with('-');
  if (descending) text.remove_prefix(1);
  if (text == "created_at") return std::pair(JobSort::created_at, descending);
  if (text == "finished_at") return std::pair(JobSort::finished_at, descending);
  if (text == "priority") return std::pair(JobSort::priority, descending);
  return std::nullopt;
}

JobQuery read_job_query(Query& query) {
  JobQuery jobs;
  jobs.statuses = query.choices("status", &parse_job_status, "the status of a job");
  for (const std::string& label : query.texts("label")) {
    const auto colon = label.find(':');
    if (colon == std::string::npos || colon == 0) {
      query.report("label", "takes KEY:VALUE");
    } else if (!jobs.labels.emplace(label.substr(0, colon), label.substr(colon + 1)).second) {
      query.report("label", "names a key twice");
    }
  }
  jobs.name_contains = query.text("q").value_or("");
  jobs.created_from = query.time("created_after");
  jobs.created_before = query.time("created_before");
  jobs.finished_from = query.time("finished_after");
  jobs.finished_before = query.time("finished_before");
  jobs.has_open_dead_letters = query.flag("has_open_dead_letters");
  jobs.migration_id = query.id<MigrationId>("migration_id");
  const auto sort = query.choice("sort", &sort_of,
                                 "created_at, finished_at or priority, with - for the other way");
  if (sort) std::tie(jobs.sort, jobs.descending) = *sort;
  const PageQuery page = read_page(query);
  jobs.limit = page.limit;
  jobs.cursor = page.cursor.value_or("");
  if (page.cursor && page.cursor->empty()) query.report("cursor", "is empty");
  jobs.with_total = page.total;
  return jobs;
}

http::Answer list_jobs(Call& call) {
  Query query(call);
  const JobQuery jobs = read_job_query(query);
  query.finish();
  JobPage page;
  try {
    page = call.jobs().list_jobs(call.tenant_id(), jobs);
  } catch (const Error& error) {
    if (error.code() != Code::invalid_value && error.code() != Code::newer_format) throw;
    query.report("cursor", "is none that this list has given");
    query.finish();
  }
  json::array items;
  for (const Job& job : page.jobs) items.push_back(shape_of(job));
  json::object body = page_object(std::move(items), page.next_cursor);
  if (page.total) {
    body["total"] = *page.total;
    body["total_capped"] = page.total_capped;
  }
  return json_answer(body);
}

http::Answer get_job(Call& call) { return {.body = text_of(call.job())}; }

Problem cannot_be(JobStatus status, std::string_view action) {
  return wrong_state(status, "the job is " + std::string(to_string(status)) + " and cannot be " +
                                 std::string(action));
}

http::Answer accepted(const Call& call, JobId id, int status = 202) {
  const auto job = call.jobs().find_job(call.tenant_id(), id);
  if (!job) throw not_found("job");
  return {.status = status, .body = text_of(*job)};
}

http::Answer cancel_job(Call& call) {
  const Job job = call.job();
  if (job.status == JobStatus::cancelled) return accepted(call, job.id, 200);
  const StateChange change = call.services.engine.cancel(call.tenant_id(), job.id);
  const bool ends = change.status == JobStatus::cancelling || change.status == JobStatus::cancelled;
  if (!ends) throw cannot_be(change.status, "cancelled");
  return accepted(call, job.id);
}

http::Answer pause_job(Call& call) {
  const Job job = call.job();
  const StateChange change = call.services.engine.pause(call.tenant_id(), job.id);
  if (!change.accepted) throw cannot_be(change.status, "paused");
  return accepted(call, job.id);
}

http::Answer resume_job(Call& call) {
  const Job job = call.job();
  const StateChange change = call.services.engine.resume(call.tenant_id(), job.id);
  if (!change.accepted) throw cannot_be(change.status, "resumed");
  return accepted(call, job.id);
}

http::Answer delete_job(Call& call) {
  const Job job = call.job();
  const StateChange change = call.jobs().remove_job(call.tenant_id(), job.id);
  if (!change.accepted) throw cannot_be(change.status, "deleted");
  return {.status = 204};
}

constexpr std::array job_list_parameters{
    Parameter{"status", "JobStatus", "only jobs of these statuses", true},
    Parameter{"q", "string", "only jobs with this in their name"},
    Parameter{"label", "string", "only jobs with this label, as KEY:VALUE", true},
    Parameter{"created_after", "Time", "made at this time or later"},
    Parameter{"created_before", "Time", "made before this time"},
    Parameter{"finished_after", "Time", "finished at this time or later"},
    Parameter{"finished_before", "Time", "finished before this time"},
    Parameter{"has_open_dead_letters", "boolean", "with (or without) rejects that wait"},
    Parameter{"migration_id", "Id", "only jobs of this migration"},
    Parameter{"sort", "JobSort", "the order; newest first without it"},
    limit_parameter,
    cursor_parameter,
    total_parameter};
constexpr std::array preview_parameters{
    Parameter{"limit", "integer", "how many records, at most 100; 20 without it"}};

constexpr std::array job_table{
    Route{.method = "POST",
          .path = "/api/v1/jobs",
          .operation_id = "createJob",
          .access = Access::write,
          .handle = create_job,
          .summary = "Create a job from a spec",
          .body = "JobSpec",
          .answer = "Job",
          .status = 201,
          .streamed = Streamed::aside},
    Route{.method = "GET",
          .path = "/api/v1/jobs",
          .operation_id = "listJobs",
          .access = Access::read,
          .handle = list_jobs,
          .summary = "List the tenant's jobs",
          .parameters = job_list_parameters,
          .answer = "JobPage"},
    Route{.method = "POST",
          .path = "/api/v1/jobs/check",
          .operation_id = "checkJob",
          .access = Access::read,
          .handle = check_job,
          .summary = "Check a spec alone, and make nothing of it",
          .body = "JobSpec",
          .answer = "SpecCheck",
          .audited = false},
    Route{.method = "POST",
          .path = "/api/v1/jobs/preview",
          .operation_id = "previewJob",
          .access = Access::write,
          .handle = preview_job,
          .summary = "Show the first records of a spec's source as they would be written",
          .parameters = preview_parameters,
          .body = "JobSpec",
          .answer = "Preview",
          .streamed = Streamed::aside,
          .audited = false},
    Route{.method = "GET",
          .path = "/api/v1/jobs/{job_id}",
          .operation_id = "getJob",
          .access = Access::read,
          .handle = get_job,
          .summary = "One job, with live progress",
          .answer = "Job"},
    Route{.method = "DELETE",
          .path = "/api/v1/jobs/{job_id}",
          .operation_id = "deleteJob",
          .access = Access::write,
          .handle = delete_job,
          .summary = "Delete a job that has ended",
          .status = 204},
    Route{.method = "PUT",
          .path = "/api/v1/jobs/{job_id}/cancel",
          .operation_id = "cancelJob",
          .access = Access::write,
          .handle = cancel_job,
          .summary = "Stop a job; batches in flight finish or go back",
          .answer = "Job",
          .status = 202},
    Route{.method = "PUT",
          .path = "/api/v1/jobs/{job_id}/pause",
          .operation_id = "pauseJob",
          .access = Access::write,
          .handle = pause_job,
          .summary = "Let nothing more of a job begin",
          .answer = "Job",
          .status = 202},
    Route{.method = "PUT",
          .path = "/api/v1/jobs/{job_id}/resume",
          .operation_id = "resumeJob",
          .access = Access::write,
          .handle = resume_job,
          .summary = "Let a paused job go on",
          .answer = "Job",
          .status = 202},
};

}  // namespace

std::span<const Route> job_routes() { return job_table; }

}  // namespace freight::daemon::rest
