#include "rest/call.hpp"

#include <utility>

#include <boost/json.hpp>

#include "freight/storage.hpp"
#include "rest/services.hpp"
#include "rest/text.hpp"

namespace freight::daemon::rest {

std::optional<std::string> Call::idempotency_key() const {
  const std::string* const key = request.header("Idempotency-Key");
  if (key == nullptr) return std::nullopt;
  constexpr std::size_t longest = 255;
  if (!key->empty() && key->size() <= longest && is_clean_text(*key)) return *key;
  throw Problem{.code = Code::invalid_parameter,
                .detail = "an Idempotency-Key has 1 to 255 printable characters"};
}

JobStore& Call::jobs() const { return services.storage.jobs(); }

Migration Call::migration() const {
  const auto id = path_id<MigrationId>("migration_id", "migration");
  auto migration = services.storage.migrations().find(tenant_id(), id);
  if (!migration) throw not_found("migration");
  return *std::move(migration);
}

Job Call::job() const {
  const auto id = path_id<JobId>("job_id", "job");
  auto job = jobs().find_job(tenant_id(), id);
  if (!job) throw not_found("job");
  return *std::move(job);
}

http::Answer json_answer(const boost::json::object& body, int status) {
  return {.status = status, .body = boost::json::serialize(body)};
}

}  // namespace freight::daemon::rest
