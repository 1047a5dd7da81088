#include "rest/application.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <chrono>
#include <cmath>
#include <optional>

#include <boost/json.hpp>

#include "freight/storage.hpp"
#include "log_output.hpp"
#include "metrics.hpp"
#include "rest/authenticator.hpp"
#include "rest/cors.hpp"
#include "rest/rate_limiter.hpp"
#include "rest/text.hpp"

namespace freight::daemon::rest {
namespace {

bool is_request_id(std::string_view text) {
  constexpr std::size_t longest = 128;
  return !text.empty() && text.size() <= longest &&
         std::all_of(text.begin(), text.end(), [](unsigned char character) {
           return std::isalnum(character) != 0 || character == '-' || character == '_' ||
                  character == '.';
         });
}

std::string request_id_of(const http::Request& request) {
  const std::string* const given = request.header("X-Request-ID");
  return given != nullptr && is_request_id(*given) ? *given : Uuid::generate().to_string();
}

/// The trace context as W3C has it, version 00; empty for anything else.
std::string traceparent_of(const http::Request& request) {
  constexpr std::string_view shape = "00-hhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhh-hhhhhhhhhhhhhhhh-hh";
  const std::string* const given = request.header("traceparent");
  if (given == nullptr || given->size() != shape.size()) return {};
  for (std::size_t at = 0; at < shape.size(); ++at) {
    const char character = (*given)[at];
    const bool hex =
        (character >= '0' && character <= '9') || (character >= 'a' && character <= 'f');
    if (shape[at] == 'h' ? !hex : character != shape[at]) return {};
  }
  return *given;
}

/// What stands behind `Bearer`, or in X-API-Key; empty without either.
std::string secret_of(const http::Request& request) {
  if (const std::string* const header = request.header("Authorization")) {
    constexpr std::string_view scheme = "bearer ";
    const std::string start = lower_case(header->substr(0, scheme.size()));
    return start == scheme ? header->substr(scheme.size()) : std::string();
  }
  const std::string* const key = request.header("X-API-Key");
  return key == nullptr ? std::string() : *key;
}

std::string_view path_of(const http::RequestHead& head) {
  return std::string_view(head.target).substr(0, head.target.find('?'));
}

bool asks_for_file(const http::RequestHead& head) {
  const std::string* const accept = http::find_header(head.headers, "Accept");
  return accepts(accept, "text/csv") || accepts(accept, "application/x-ndjson");
}

http::RequestKind kind_of(const Route& route, const http::RequestHead& head) {
  if (route.streamed == Streamed::aside) return http::RequestKind::aside;
  const bool streamed = route.streamed == Streamed::always ||
                        (route.streamed == Streamed::for_files && asks_for_file(head));
  return streamed ? http::RequestKind::streamed : http::RequestKind::plain;
}

/// The thing that a call was about: what its path names last, else what it made.
std::string subject_of(const Call& call, const http::Answer& answer) {
  if (const auto* const location = http::find_header(answer.headers, "Location"))
    return location->substr(location->rfind('/') + 1);
  const auto name = call.route.path.rfind('{');
  if (name == std::string_view::npos) return {};
  const auto part = call.route.path.substr(name + 1);
  return printable(call.path_text(part.substr(0, part.find('}'))));
}

}  // namespace

http::RequestKind Application::kind(const http::RequestHead& head) const {
  const auto match = router_.find(head.method, path_of(head));
  return match.route == nullptr ? http::RequestKind::plain : kind_of(*match.route, head);
}

void Application::authenticate(Call& call) const {
  if (call.route.access == Access::open) return;
  const std::string secret = secret_of(call.request);
  const auto known = secret.empty() ? std::nullopt : services_.authenticator.find(secret);
  if (!known) {
    throw Problem{.code = Code::unauthorized,
                  .detail = secret.empty() ? "send an API key as 'Authorization: Bearer frt_…'"
                                           : "the API key is not known, has expired or was revoked",
                  .headers = {{"WWW-Authenticate", "Bearer realm=\"freight\""}}};
  }
  call.caller = {.secret = secret, .key = known->key, .tenant = known->tenant};
  act_for_tenant(call);
}

void Application::act_for_tenant(Call& call) const {
  const std::string* const header = call.request.header("X-Freight-Tenant");
  if (!call.caller.is_admin()) {
    if (header != nullptr && *header != call.tenant_id().to_string())
      throw Problem{.code = Code::forbidden, .detail = "only the admin key acts for a tenant"};
    return;
  }
  if (call.route.access == Access::admin) return;
  if (header == nullptr) {
    throw Problem{.code = Code::forbidden,
                  .detail = "the admin key needs the header X-Freight-Tenant to act for a tenant"};
  }
  const auto id = TenantId::parse(*header);
  call.caller.tenant = id ? services_.authenticator.find_tenant(*id) : std::nullopt;
  if (!call.caller.tenant) throw not_found("tenant");
}

void Application::require_scope(const Call& call) {
  const Access access = call.route.access;
  if (access == Access::open) return;
  if (call.caller.is_admin()) return;
  if (access == Access::admin)
    throw Problem{.code = Code::forbidden, .detail = "this takes the installation's admin key"};
  if (call.tenant().status == TenantStatus::suspended)
    throw Problem{.code = Code::tenant_suspended, .detail = "the tenant is suspended"};
  const Scope needed = access == Access::read    ? Scope::read
                       : access == Access::write ? Scope::write
                                                 : Scope::manage;
  const auto& scopes = call.caller.key.scopes;
  if (std::find(scopes.begin(), scopes.end(), needed) != scopes.end()) return;
  throw Problem{.code = Code::forbidden,
                .detail = "the API key lacks the scope '" + std::string(to_string(needed)) + "'"};
}

http::Headers Application::limit_rate(const Call& call) const {
  if (!call.caller.tenant || !call.tenant().limits.requests_per_second) return {};
  const std::uint64_t rate = *call.tenant().limits.requests_per_second;
  const auto ticket = services_.rates.take(call.tenant_id(), rate);
  http::Headers headers{{"RateLimit-Limit", std::to_string(rate)},
                        {"RateLimit-Remaining", std::to_string(ticket.remaining)},
                        {"RateLimit-Reset", "1"}};
  if (ticket.granted) return headers;
  headers.emplace_back("Retry-After", std::to_string(ticket.retry_after.count()));
  throw Problem{.code = Code::rate_limited,
                .detail = "the tenant may send " + std::to_string(rate) + " requests a second",
                .headers = std::move(headers)};
}

http::Answer Application::answer(Call& call) {
  authenticate(call);
  require_scope(call);
  const http::Headers limits = limit_rate(call);
  http::Answer answer = call.route.handle(call);
  answer.headers.insert(answer.headers.end(), limits.begin(), limits.end());
  return answer;
}

http::Answer Application::route(http::Request& request, const std::string& request_id) {
  const bool is_options = request.head.method == "OPTIONS";
  auto match = router_.find(request.head.method, request.path);
  if (match.route == nullptr) {
    if (match.allowed.empty()) throw not_found("path");
    if (is_options) return answer_options(request, services_.cors_origins, match.allowed);
    throw Problem{.code = Code::method_not_allowed,
                  .detail = "this takes " + match.allowed,
                  .headers = {{"Allow", match.allowed}}};
  }
  // Two ways to write one path must not be worked for in two ways: a stream on the threads that
  // read requests would hold them.
  if (kind_of(*match.route, request.head) != request.kind) throw not_found("path");
  Call call{.request = request,
            .route = *match.route,
            .services = services_,
            .request_id = request_id,
            .traceparent = traceparent_of(request),
            .path = std::move(match.path)};
  const auto since = std::chrono::steady_clock::now();
  http::Answer answered;
  try {
    answered = answer(call);
  } catch (const Problem& problem) {
    answered = to_answer(problem, request_id);
  } catch (const Error& error) {
    if (code_info(error.code()).http_status >= 500) {
      const std::array fields{LogField{"request_id", request_id},
                              LogField{"code", to_string(error.code())}};
      services_.log.log(LogLevel::error, error.what(), fields);
      services_.metrics.count("freight_storage_errors_total", {}, 1);
    }
    answered = to_answer(problem_of(error), request_id);
  } catch (const http::BodyError& error) {
    answered = to_answer({.code = code_of(error.status), .detail = error.detail}, request_id);
  }
  if (!call.traceparent.empty()) answered.headers.emplace_back("traceparent", call.traceparent);
  audit(call, answered);
  const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - since;
  note(request, &call, request_id, answered.status, elapsed.count());
  return answered;
}

void Application::audit(const Call& call, const http::Answer& answer) const {
  const bool acted_for = call.caller.is_admin() && call.caller.tenant.has_value();
  const bool changed = call.route.method != "GET" && call.route.audited;
  const bool known = !call.caller.key.prefix.empty();
  constexpr int first_error = 400;
  if (!known || answer.status >= first_error || (!changed && !acted_for)) return;
  AuditEntry entry;
  if (call.caller.tenant) entry.tenant_id = call.tenant_id();
  entry.actor = call.caller.key.prefix;
  entry.action = call.route.operation_id;
  entry.subject = subject_of(call, answer);
  entry.request_id = call.request_id;
  try {
    services_.storage.tenants().record(entry);
  } catch (const Error& error) {
    // The change is made: it is said where it can still be said.
    const std::array fields{LogField{"request_id", call.request_id},
                            LogField{"action", entry.action}, LogField{"subject", entry.subject},
                            LogField{"actor", entry.actor}};
    services_.log.log(LogLevel::error, "the audit log could not be written", fields);
  }
}

void Application::note(const http::Request& request, const Call* call,
                       const std::string& request_id, int status, double seconds) const {
  const std::string code = std::to_string(status);
  const std::string_view operation = call == nullptr ? "none" : call->route.operation_id;
  const std::array labels{MetricLabel{"operation", operation}, MetricLabel{"status", code}};
  services_.metrics.count("freight_http_requests_total", labels, 1);
  services_.metrics.observe("freight_http_request_seconds", std::span(labels).first(1), seconds);
  constexpr int first_failure = 500;
  const bool open = call != nullptr && call->route.access == Access::open;
  const LogLevel level = status >= first_failure ? LogLevel::error
                         : open                  ? LogLevel::debug
                                                 : LogLevel::info;
  if (!services_.log.writes(level)) return;
  const std::string tenant =
      call != nullptr && call->caller.tenant ? call->tenant_id().to_string() : "";
  const std::string trace = call == nullptr ? "" : call->traceparent;
  const std::string milliseconds = std::to_string(std::floor(seconds * 1e6) / 1e3);
  std::vector<LogField> fields{{"request_id", request_id},
                               {"operation", operation},
                               {"status", code},
                               {"ms", milliseconds},
                               {"client", request.client_address}};
  if (!tenant.empty()) fields.push_back({"tenant", tenant});
  if (!trace.empty()) fields.push_back({"traceparent", trace});
  const std::string message = request.head.method + " " + printable(request.path);
  services_.log.log(level, message, fields);
}

void Application::add_headers(const http::Request& request, const std::string& request_id,
                              http::Answer& answer) const {
  answer.headers.emplace_back("X-Request-ID", request_id);
  answer.headers.emplace_back("X-Content-Type-Options", "nosniff");
  answer.headers.emplace_back("Referrer-Policy", "no-referrer");
  if (http::find_header(answer.headers, "Cache-Control") == nullptr)
    answer.headers.emplace_back("Cache-Control", "no-store");
  if (http::find_header(answer.headers, "Content-Security-Policy") == nullptr) {
    answer.headers.emplace_back("Content-Security-Policy",
                                "default-src 'none'; frame-ancestors 'none'");
  }
  add_cors_headers(request, services_.cors_origins, answer);
}

http::Answer Application::handle(http::Request& request) noexcept {
  const std::string request_id = request_id_of(request);
  http::Answer answer;
  try {
    answer = route(request, request_id);
  } catch (const Problem& problem) {
    answer = to_answer(problem, request_id);
    note(request, nullptr, request_id, answer.status, 0);
  } catch (const std::exception& error) {
    const std::array fields{LogField{"request_id", request_id}};
    services_.log.log(LogLevel::error, error.what(), fields);
    answer = to_answer({.code = Code::internal, .detail = "a defect in Freight"}, request_id);
    note(request, nullptr, request_id, answer.status, 0);
  }
  add_headers(request, request_id, answer);
  return answer;
}

http::Answer Application::refuse(int status, std::string_view detail) noexcept {
  const std::string request_id = Uuid::generate().to_string();
  Problem problem{.code = code_of(status), .detail = std::string(detail), .status = status};
  constexpr int unavailable = 503;
  if (status == unavailable) problem.headers.emplace_back("Retry-After", "1");
  http::Answer answer = to_answer(problem, request_id);
  const http::Request none;
  note(none, nullptr, request_id, status, 0);
  add_headers(none, request_id, answer);
  return answer;
}

}  // namespace freight::daemon::rest
