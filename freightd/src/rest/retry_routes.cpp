#include <array>

#include <boost/json.hpp>

#include "freight/storage.hpp"
#include "rest/body.hpp"
#include "rest/routes.hpp"
#include "rest/services.hpp"
#include "rest/shapes.hpp"
#include "rest/states.hpp"

// Trying again what failed, and by which policy.

namespace freight::daemon::rest {
namespace {

namespace json = boost::json;

RetryScope read_scope(const http::Request& request) {
  const json::object body = optional_json_body(request);
  ObjectReader reader(body);
  const auto name = reader.text("scope");
  const auto scope = name ? parse_retry_scope(*name) : std::nullopt;
  if (name && !scope) reader.report("scope", "takes failed_batches, rejected_records or all");
  reader.finish();
  return scope.value_or(RetryScope::all);
}

http::Answer retry_job(Call& call) {
  const Job job = call.job();
  const RetryScope scope = read_scope(call.request);
  const RetryResult result = call.services.engine.retry(call.tenant_id(), job.id, scope);
  switch (result.refusal) {
    case RetryRefusal::none:
      break;
    case RetryRefusal::not_ended:
      throw wrong_state(result.status, "the job has not ended");
    case RetryRefusal::nothing_to_retry:
      throw wrong_state(result.status, "there is nothing to try again");
    case RetryRefusal::job_incomplete:
      throw wrong_state(result.status,
                        "the job ended before all of its batches had: retry them as well");
    case RetryRefusal::destination_closed:
      throw wrong_state(result.status, "the destination cannot be added to any more");
  }
  return json_answer({{"job_id", job.id.to_string()},
                      {"batches_requeued", result.batches_requeued},
                      {"records_requeued", result.records_requeued}},
                     202);
}

http::Answer retry_batch(Call& call) {
  const auto id = call.path_id<BatchId>("batch_id", "batch");
  if (!call.jobs().find_batch(call.tenant_id(), id)) throw not_found("batch");
  const BatchRetryResult result = call.services.engine.retry_batch(call.tenant_id(), id);
  switch (result.refusal) {
    case BatchRetryRefusal::none:
      break;
    case BatchRetryRefusal::not_failed: {
      Problem problem = wrong_state(result.job_status, "the batch was not given up");
      problem.more["batch_status"] = std::string(to_string(result.batch_status));
      throw problem;
    }
    case BatchRetryRefusal::job_incomplete:
      throw wrong_state(result.job_status, "other batches are unfinished too: retry the job");
    case BatchRetryRefusal::job_ending:
      throw wrong_state(result.job_status, "the job is being finished or cancelled");
  }
  return json_answer(
      {{"job_id", result.job_id.to_string()}, {"batches_requeued", 1}, {"records_requeued", 0}},
      202);
}

/// The section `retry` of a spec as it was resolved.
json::value policy_of(const Job& job) {
  const json::value spec = parse_own(job.spec);
  if (!spec.is_object()) return json::object();
  const auto* const retry = spec.get_object().if_contains("retry");
  return retry == nullptr ? json::value(json::object()) : *retry;
}

http::Answer get_retry_status(Call& call) {
  const Job job = call.job();
  const auto status = call.jobs().retry_status(call.tenant_id(), job.id);
  if (!status) throw not_found("job");
  json::object by_category;
  for (const auto& [category, count] : status->by_category)
    by_category[std::string(to_string(category))] = count;
  return json_answer({{"job_id", job.id.to_string()},
                      {"policy", policy_of(job)},
                      {"attempts", status->attempts},
                      {"retries", status->retries},
                      {"by_category", std::move(by_category)},
                      {"waiting", status->waiting},
                      {"next_due_at", time_or_null(status->next_due_at)},
                      {"exhausted", status->exhausted}});
}

/// A whole section `retry` with its defaults, by way of a spec that has it: what is wrong with it
/// is what is wrong with it in a spec.
json::object resolved_retry(const json::object& retry) {
  const json::object spec{{"name", "retry"},
                          {"source", {{"type", "inline"}, {"records", json::array()}}},
                          {"destination", {{"type", "null"}}},
                          {"retry", retry}};
  auto parsed = parse_job_spec(json::serialize(spec));
  std::vector<InputError> errors;
  constexpr std::string_view section = "/retry";
  for (const SpecError& error : parsed.errors) {
    if (error.pointer.starts_with(section))
      errors.push_back({.pointer = error.pointer.substr(section.size()),
                        .code = error.code,
                        .detail = error.detail});
  }
  if (!errors.empty()) throw invalid_body(std::move(errors));
  if (!parsed.spec) throw invalid_body({{.detail = "is no retry policy"}});
  return json::parse(parsed.spec->stored_json).as_object().at("retry").as_object();
}

http::Answer get_retry_policy(Call& call) {
  const auto retry = call.services.storage.tenants().default_retry(call.tenant_id());
  return json_answer(resolved_retry(retry ? json::parse(*retry).as_object() : json::object()));
}

http::Answer put_retry_policy(Call& call) {
  const json::object policy = resolved_retry(json_body(call.request));
  call.services.storage.tenants().set_default_retry(call.tenant_id(), json::serialize(policy));
  return json_answer(policy);
}

constexpr std::array retry_table{
    Route{.method = "POST",
          .path = "/api/v1/jobs/{job_id}/retry",
          .operation_id = "retryJob",
          .access = Access::write,
          .handle = retry_job,
          .summary = "Try failed batches and open rejects again",
          .body = "RetryRequest",
          .answer = "Requeued",
          .status = 202},
    Route{.method = "POST",
          .path = "/api/v1/batches/{batch_id}/retry",
          .operation_id = "retryBatch",
          .access = Access::write,
          .handle = retry_batch,
          .summary = "Try one batch again that was given up",
          .answer = "Requeued",
          .status = 202},
    Route{.method = "GET",
          .path = "/api/v1/jobs/{job_id}/retry-status",
          .operation_id = "getRetryStatus",
          .access = Access::read,
          .handle = get_retry_status,
          .summary = "The policy in force, and how the attempts went",
          .answer = "RetryStatus"},
    Route{.method = "GET",
          .path = "/api/v1/retry-policies",
          .operation_id = "getRetryPolicy",
          .access = Access::read,
          .handle = get_retry_policy,
          .summary = "The policy of specs that have none",
          .answer = "RetryPolicy"},
    Route{.method = "PUT",
          .path = "/api/v1/retry-policies",
          .operation_id = "putRetryPolicy",
          .access = Access::manage,
          .handle = put_retry_policy,
          .summary = "Set that policy; missing keys take the defaults",
          .body = "RetryPolicy",
          .answer = "RetryPolicy"},
};

}  // namespace

std::span<const Route> retry_routes() { return retry_table; }

}  // namespace freight::daemon::rest
