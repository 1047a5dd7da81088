#include "rest/cors.hpp"

#include <algorithm>

namespace freight::daemon::rest {
namespace {

/// The origin of the request when it may call; nullptr otherwise.
const std::string* allowed_origin(const http::Request& request,
                                  const std::vector<std::string>& origins) {
  const std::string* const origin = request.header("Origin");
  if (origin == nullptr) return nullptr;
  const bool named = std::any_of(origins.begin(), origins.end(), [&](const std::string& one) {
    return one == *origin || one == "*";
  });
  return named ? origin : nullptr;
}

}  // namespace

http::Answer answer_options(const http::Request& request, const std::vector<std::string>& origins,
                            const std::string& allowed) {
  http::Answer answer{.status = 204, .headers = {{"Allow", allowed}}};
  const bool asks = request.header("Access-Control-Request-Method") != nullptr;
  if (!asks || allowed_origin(request, origins) == nullptr) return answer;
  answer.headers.emplace_back("Access-Control-Allow-Methods", allowed);
  answer.headers.emplace_back(
      "Access-Control-Allow-Headers",
      "Authorization, Content-Type, Accept, Idempotency-Key, Last-Event-ID, X-API-Key, "
      "X-Freight-Tenant, X-Request-ID, traceparent");
  answer.headers.emplace_back("Access-Control-Max-Age", "600");
  return answer;
}

void add_cors_headers(const http::Request& request, const std::vector<std::string>& origins,
                      http::Answer& answer) {
  if (origins.empty()) return;
  answer.headers.emplace_back("Vary", "Origin");
  const std::string* const origin = allowed_origin(request, origins);
  if (origin == nullptr) return;
  answer.headers.emplace_back("Access-Control-Allow-Origin", *origin);
  answer.headers.emplace_back(
      "Access-Control-Expose-Headers",
      "Location, Retry-After, X-Request-ID, RateLimit-Limit, RateLimit-Remaining, "
      "RateLimit-Reset");
}

}  // namespace freight::daemon::rest
