#include <array>
#include <chrono>

#include "event_signal.hpp"
#include "freight/storage.hpp"
#include "rest/authenticator.hpp"
#include "rest/query.hpp"
#include "rest/routes.hpp"
#include "rest/services.hpp"
#include "rest/text.hpp"

// What happens, as it happens: server-sent events (HTML standard, section 9.2).

namespace freight::daemon::rest {
namespace {

using Clock = std::chrono::steady_clock;
constexpr std::chrono::seconds comment_interval{15};
/// How soon a server that stops, or a client that is gone, is noticed.
constexpr std::chrono::milliseconds longest_wait{250};
/// How often to look for what other nodes have written.
constexpr std::chrono::milliseconds look_interval{500};

std::string event_line(const Event& event) {
  return "id: " + std::to_string(event.sequence) +
         "\nevent: " + std::string(to_string(event.type)) + "\ndata: {\"job_id\":" +
         (event.job_id.is_nil() ? "null" : '"' + event.job_id.to_string() + '"') + ",\"type\":\"" +
         std::string(to_string(event.type)) + "\",\"time\":\"" + format_timestamp(event.time) +
         "\"" + (event.data.size() > 2 ? "," : "") + event.data.substr(1) + "\n\n";
}

/// Follows a tenant's events until the client or the server has enough.
class Follower {
 public:
  Follower(Services& services, std::string secret, TenantId tenant_id, EventQuery query)
      : services_(services),
        secret_(std::move(secret)),
        tenant_id_(tenant_id),
        query_(std::move(query)) {}

  void run(http::AnswerStream& out) {
    // So that a client knows at once that it is heard.
    out.write(": freight\n\n");
    auto wrote = Clock::now();
    auto looked = Clock::time_point();
    std::uint64_t seen = services_.events.generation(tenant_id_);
    bool again = true;
    while (!out.ending()) {
      if (again || Clock::now() - looked >= look_interval) {
        seen = services_.events.generation(tenant_id_);
        looked = Clock::now();
        if (!may_follow()) return;
        again = send(out);
        if (sent_) wrote = Clock::now();
        if (again) continue;
      }
      if (Clock::now() - wrote >= comment_interval) {
        out.write(":\n\n");
        wrote = Clock::now();
      }
      again = services_.events.wait(tenant_id_, seen, longest_wait);
    }
  }

 private:
  /// A key that is revoked, or a tenant that is suspended, ends what was begun before. Mostly from
  /// memory.
  bool may_follow() {
    const auto known = services_.authenticator.find(secret_);
    return known && (!known->tenant || known->tenant->status == TenantStatus::active);
  }
  /// True when there may be more at once.
  bool send(http::AnswerStream& out) {
    const auto events = services_.storage.jobs().list_events(tenant_id_, query_);
    std::string text;
    for (const Event& event : events) {
      text += event_line(event);
      query_.after = event.sequence;
    }
    out.write(text);
    sent_ = !events.empty();
    return events.size() == query_.limit;
  }

  Services& services_;
  std::string secret_;
  TenantId tenant_id_;
  EventQuery query_;
  bool sent_ = false;
};

std::vector<EventType> read_types(Query& query) {
  std::vector<EventType> types;
  const auto list = query.text("types");
  if (!list) return types;
  std::string_view rest = *list;
  while (true) {
    const auto comma = rest.find(',');
    if (const auto type = parse_event_type(rest.substr(0, comma))) {
      types.push_back(*type);
    } else {
      query.report("types",
                   "takes progress, state, batch, log and migration, with commas between them");
    }
    if (comma == std::string_view::npos) break;
    rest.remove_prefix(comma + 1);
  }
  return types;
}

/// Behind which event to go on: where the client stopped; else, of one job, from its beginning, and
/// of all of them from now on.
std::uint64_t start_of(const Call& call, const EventQuery& query) {
  if (const std::string* const last = call.request.header("Last-Event-ID"); last != nullptr) {
    const auto number = whole_number(*last);
    if (!number || *number > INT64_MAX) {
      throw Problem{.code = Code::invalid_parameter,
                    .detail = "Last-Event-ID is none that this stream has given"};
    }
    return *number;
  }
  return query.job_id ? 0 : call.jobs().last_event(call.tenant_id());
}

http::Answer follow(Call& call, EventQuery query) {
  query.after = start_of(call, query);
  http::Answer answer;
  answer.content_type = "text/event-stream";
  answer.headers.emplace_back("X-Accel-Buffering", "no");
  answer.stream = [&services = call.services, secret = call.caller.secret,
                   tenant = call.tenant_id(), query](http::AnswerStream& out) {
    Follower(services, secret, tenant, query).run(out);
  };
  return answer;
}

http::Answer follow_all(Call& call) {
  Query query(call);
  EventQuery events;
  events.types = read_types(query);
  events.job_id = query.id<JobId>("job_id");
  query.finish();
  if (events.job_id && !call.jobs().find_job(call.tenant_id(), *events.job_id))
    throw not_found("job");
  return follow(call, events);
}

http::Answer follow_job(Call& call) {
  const Job job = call.job();
  Query query(call);
  EventQuery events;
  events.types = read_types(query);
  query.finish();
  events.job_id = job.id;
  return follow(call, events);
}

constexpr Parameter types_parameter{"types", "string", "of progress, state, batch and log"};
constexpr std::array all_parameters{Parameter{"job_id", "Id", "only of this job"}, types_parameter};
constexpr std::array job_event_parameters{types_parameter};

constexpr std::array event_table{
    Route{.method = "GET",
          .path = "/api/v1/events",
          .operation_id = "followEvents",
          .access = Access::read,
          .handle = follow_all,
          .summary = "What happens to the tenant's jobs, as it happens",
          .parameters = all_parameters,
          .streamed = Streamed::always,
          .answer_types = "text/event-stream"},
    Route{.method = "GET",
          .path = "/api/v1/jobs/{job_id}/events",
          .operation_id = "followJob",
          .access = Access::read,
          .handle = follow_job,
          .summary = "What happens to one job, from its beginning",
          .parameters = job_event_parameters,
          .streamed = Streamed::always,
          .answer_types = "text/event-stream"},
};

}  // namespace

std::span<const Route> event_routes() { return event_table; }

}  // namespace freight::daemon::rest
