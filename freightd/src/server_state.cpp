#include "server_state.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <map>
#include <system_error>

#include "blobs.hpp"
#include "freight/storage.hpp"
#include "freight/version.hpp"
#include "metrics.hpp"
#include "rest/services.hpp"

namespace freight::daemon {
namespace {

constexpr std::uintmax_t least_room = 67'108'864;

std::uintmax_t room_of(const std::filesystem::path& place) {
  std::error_code failed;
  const auto space = std::filesystem::space(place, failed);
  return failed ? 0 : space.available;
}

Health::Check check_storage(const rest::Services& services) {
  try {
    services.storage.jobs().queue_statistics(std::nullopt);
    return {.name = "storage", .detail = "answers"};
  } catch (const Error& error) {
    return {
        .name = "storage", .ok = false, .detail = std::string(code_info(error.code()).description)};
  }
}

/// Some node has to work, this one or another.
Health::Check check_engine(const rest::Services& services) {
  try {
    const auto nodes = services.storage.jobs().list_nodes();
    const auto alive = std::count_if(nodes.begin(), nodes.end(), [](const NodeStatus& node) {
      return node.state != NodeState::lost;
    });
    return {.name = "engine", .ok = alive > 0, .detail = std::to_string(alive) + " nodes work"};
  } catch (const Error&) {
    return {.name = "engine", .ok = false, .detail = "the storage does not tell"};
  }
}

Health::Check check_disk(const rest::Services& services) {
  const auto room = room_of(services.blobs.place());
  return {.name = "disk",
          .ok = room >= least_room,
          .detail = std::to_string(room / 1'048'576) + " MiB free"};
}

}  // namespace

bool Health::ok() const {
  return std::all_of(checks.begin(), checks.end(), [](const Check& check) { return check.ok; });
}

Health ServerState::check(const rest::Services& services) const {
  return {.checks = {check_storage(services), check_engine(services), check_disk(services)}};
}

void ServerState::measure(const rest::Services& services) const {
  Metrics& metrics = services.metrics;
  const std::string version_text(version());
  const std::array build{MetricLabel{"version", version_text}};
  metrics.gauge("freight_build_info", build, 1);
  metrics.gauge("freight_disk_free_bytes", {},
                static_cast<double>(room_of(services.blobs.place())));
  if (listener_) {
    const auto [connections, streams] = listener_();
    metrics.gauge("freight_http_connections", {}, static_cast<double>(connections));
    metrics.gauge("freight_http_streams", {}, streams);
  }
  try {
    std::map<NodeState, double> nodes{
        {NodeState::idle, 0}, {NodeState::working, 0}, {NodeState::lost, 0}};
    for (const NodeStatus& node : services.storage.jobs().list_nodes()) nodes[node.state] += 1;
    for (const auto& [state, count] : nodes) {
      const std::array labels{MetricLabel{"state", to_string(state)}};
      metrics.gauge("freight_workers", labels, count);
    }
    const auto queue = services.storage.jobs().queue_statistics(std::nullopt);
    metrics.gauge("freight_oldest_ready_seconds", {},
                  std::chrono::duration<double>(queue.oldest_ready).count());
    const auto depth = [&](std::string_view state, std::uint64_t count) {
      const std::array labels{MetricLabel{"state", state}};
      metrics.gauge("freight_queue_depth", labels, static_cast<double>(count));
    };
    depth("ready", queue.ready);
    depth("scheduled", queue.scheduled);
    depth("leased", queue.leased);
    depth("retrying", queue.retrying);
    depth("held", queue.held);
    depth("dead", queue.dead);
  } catch (const Error&) {
    metrics.count("freight_storage_errors_total", {}, 1);
  }
}

}  // namespace freight::daemon
