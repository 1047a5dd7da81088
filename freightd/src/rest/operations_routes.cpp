#include <algorithm>
#include <array>
#include <filesystem>

#include <boost/json.hpp>

#include "blobs.hpp"
#include "freight/storage.hpp"
#include "freight/version.hpp"
#include "metrics.hpp"
#include "rest/query.hpp"
#include "rest/routes.hpp"
#include "rest/services.hpp"
#include "rest/shapes.hpp"
#include "server_state.hpp"

// How the service and a tenant's part of it are doing.

namespace freight::daemon::rest {
namespace {

namespace json = boost::json;

http::Answer get_me(Call& call) {
  const Tenant& tenant = call.tenant();
  json::object key = shape_of(call.caller.key);
  const TenantUsage usage = call.jobs().usage(tenant.id);
  std::uint64_t running = 0;
  std::uint64_t queued = 0;
  for (const auto& [status, count] : usage.jobs) {
    if (status == JobStatus::running) running += count;
    if (status == JobStatus::pending || status == JobStatus::scheduled) queued += count;
  }
  return json_answer(
      {{"tenant", shape_of(tenant)},
       {"key", {{"id", key["id"]}, {"prefix", key["prefix"]}, {"expires_at", key["expires_at"]}}},
       {"scopes", call.caller.is_admin() ? json::value(json::array{"read", "write", "manage"})
                                         : key["scopes"]},
       {"admin", call.caller.is_admin()},
       {"limits", shape_of(tenant.limits)},
       {"use",
        {{"running_jobs", running},
         {"queued_jobs", queued},
         {"records_last_day", usage.last_day.read},
         {"upload_bytes", call.services.storage.uploads().bytes_used(tenant.id)}}},
       {"version", std::string(version())}});
}

http::Answer get_health(Call& call) {
  const Health health = call.services.state.check(call.services);
  json::object checks;
  for (const auto& check : health.checks)
    checks[check.name] =
        json::object{{"status", check.ok ? "ok" : "failed"}, {"detail", check.detail}};
  return json_answer({{"status", health.ok() ? "ok" : "failed"},
                      {"version", std::string(version())},
                      {"checks", std::move(checks)}},
                     health.ok() ? 200 : 503);
}

http::Answer get_live(Call&) { return json_answer({{"status", "ok"}}); }

http::Answer get_ready(Call& call) {
  const bool ready =
      !call.services.state.stopping() && call.services.state.check(call.services).ok();
  return json_answer({{"status", ready ? "ok" : "failed"}}, ready ? 200 : 503);
}

http::Answer get_stats(Call& call) {
  const TenantUsage usage = call.jobs().usage(call.tenant_id());
  json::object jobs;
  for (const auto& [status, count] : usage.jobs) jobs[std::string(to_string(status))] = count;
  const TenantLimits& limits = call.tenant().limits;
  return json_answer(
      {{"jobs", std::move(jobs)},
       {"records", shape_of(usage.records)},
       {"last_hour", shape_of(usage.last_hour)},
       {"last_day", shape_of(usage.last_day)},
       {"attempts", usage.batch_attempts},
       {"retries", usage.retries},
       {"quota",
        {{"records_per_day",
          {{"limit", limits.records_per_day ? json::value(*limits.records_per_day) : nullptr},
           {"used", usage.last_day.read}}},
         {"upload_bytes",
          {{"limit", limits.upload_bytes ? json::value(*limits.upload_bytes) : nullptr},
           {"used", call.services.storage.uploads().bytes_used(call.tenant_id())}}}}}});
}

std::string_view name_of(NodeState state) { return to_string(state); }

json::object shape_of_node(const NodeStatus& node, TenantId tenant_id) {
  json::array tasks;
  std::uint64_t others = 0;
  for (const NodeTask& task : node.tasks) {
    if (task.tenant_id != tenant_id) {
      ++others;
      continue;
    }
    json::object object{{"job_id", task.job_id.to_string()}, {"batch_id", nullptr}};
    if (!task.batch_id.is_nil()) object["batch_id"] = task.batch_id.to_string();
    tasks.push_back(std::move(object));
  }
  json::value current = nullptr;
  if (!tasks.empty()) current = tasks.front().as_object().at("batch_id");
  return {{"id", node.id.to_string()},
          {"state", std::string(name_of(node.state))},
          {"workers", node.workers},
          {"started_at", format_timestamp(node.started_at)},
          {"heartbeat_age_s", std::chrono::duration<double>(node.heartbeat_age).count()},
          {"current_batch", std::move(current)},
          {"tasks", std::move(tasks)},
          {"tasks_of_others", others},
          {"batches_processed", node.batches_processed},
          {"records_processed", node.records_processed}};
}

http::Answer get_workers(Call& call) {
  json::array items;
  for (const NodeStatus& node : call.jobs().list_nodes())
    items.push_back(shape_of_node(node, call.tenant_id()));
  return json_answer(page_object(std::move(items), ""));
}

http::Answer get_queues(Call& call) {
  json::object queue = shape_of(call.jobs().queue_statistics(call.tenant_id()));
  const TenantUsage usage = call.jobs().usage(call.tenant_id());
  constexpr double seconds_an_hour = 3600.0;
  queue["records_per_second_last_hour"] =
      static_cast<double>(usage.last_hour.accounted()) / seconds_an_hour;
  json::object depth;
  for (const char* state : {"ready", "scheduled", "leased", "retrying", "held", "dead"})
    depth[state] = queue[state];
  queue["depth"] = std::move(depth);
  return json_answer(queue);
}

http::Answer get_metrics(Call& call) {
  call.services.state.measure(call.services);
  return {.status = 200,
          .content_type = "text/plain; version=0.0.4; charset=utf-8",
          .body = call.services.metrics.text()};
}

constexpr std::array operations_table{
    Route{.method = "GET",
          .path = "/api/v1/me",
          .operation_id = "getMe",
          .access = Access::read,
          .handle = get_me,
          .summary = "Who calls, and what it may",
          .answer = "Me"},
    Route{.method = "GET",
          .path = "/api/v1/stats",
          .operation_id = "getStats",
          .access = Access::read,
          .handle = get_stats,
          .summary = "What the tenant has used",
          .answer = "Stats"},
    Route{.method = "GET",
          .path = "/api/v1/workers",
          .operation_id = "getWorkers",
          .access = Access::read,
          .handle = get_workers,
          .summary = "The nodes that work, and at what of the tenant's",
          .answer = "WorkerPage"},
    Route{.method = "GET",
          .path = "/api/v1/queues",
          .operation_id = "getQueues",
          .access = Access::read,
          .handle = get_queues,
          .summary = "What of the tenant's waits for a worker",
          .answer = "Queues"},
};

constexpr std::array probes{
    Route{.method = "GET",
          .path = "/api/v1/health",
          .operation_id = "getHealth",
          .access = Access::open,
          .handle = get_health,
          .summary = "How the service is",
          .answer = "Health"},
    Route{.method = "GET",
          .path = "/api/v1/health/live",
          .operation_id = "getLiveness",
          .access = Access::open,
          .handle = get_live,
          .summary = "The process answers",
          .answer = "Probe"},
    Route{.method = "GET",
          .path = "/api/v1/health/ready",
          .operation_id = "getReadiness",
          .access = Access::open,
          .handle = get_ready,
          .summary = "Requests can be served",
          .answer = "Probe"},
    Route{.method = "GET",
          .path = "/health",
          .operation_id = "getHealthUnversioned",
          .access = Access::open,
          .handle = get_health,
          .summary = "The same",
          .answer = "Health"},
    Route{.method = "GET",
          .path = "/health/live",
          .operation_id = "getLivenessUnversioned",
          .access = Access::open,
          .handle = get_live,
          .summary = "The same",
          .answer = "Probe"},
    Route{.method = "GET",
          .path = "/health/ready",
          .operation_id = "getReadinessUnversioned",
          .access = Access::open,
          .handle = get_ready,
          .summary = "The same",
          .answer = "Probe"},
    Route{.method = "GET",
          .path = "/metrics",
          .operation_id = "getMetrics",
          .access = Access::open,
          .handle = get_metrics,
          .summary = "Figures for Prometheus",
          .answer_types = "text/plain"},
};

}  // namespace

std::span<const Route> operations_routes() { return operations_table; }
std::span<const Route> probe_route_table() { return probes; }

}  // namespace freight::daemon::rest
