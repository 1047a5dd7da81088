#include "engine/stored_spec.hpp"

#include <string>

#include <boost/json.hpp>

#include "freight/error.hpp"

namespace freight::engine {

JobSpec parse_stored_spec(const Job& job, const ConnectorRegistry& registry) {
  SpecOptions options;
  options.custom_sources = registry.source_types();
  options.custom_destinations = registry.destination_types();
  auto result = parse_job_spec(job.spec, options);
  refuse_missing_secrets(result.value());
  return std::move(*result.spec);
}

void refuse_missing_secrets(const JobSpec& spec) {
  if (spec.missing_secrets.empty()) return;
  std::string places;
  for (const std::string& pointer : spec.missing_secrets) {
    places += (places.empty() ? "" : " and ") + pointer;
  }
  throw Error(
      Code::missing_secret,
      "the password of " + places + " is not in this spec: no spec is stored or shown with it",
      {.hint = "give the spec with its password again; if it needs none, delete it from "
               "secrets_left_out"});
}

BatchSpec stored_batch_sizes(const Job& job) {
  BatchSpec sizes;
  boost::system::error_code failed;
  const auto stored = boost::json::parse(job.spec, failed);
  const auto* batch =
      failed || !stored.is_object() ? nullptr : stored.as_object().if_contains("batch");
  if (batch == nullptr || !batch->is_object()) return sizes;
  const auto read = [&](const char* key, std::uint64_t& value) {
    const auto* number = batch->as_object().if_contains(key);
    if (number != nullptr && number->is_number()) value = number->to_number<std::uint64_t>(failed);
  };
  read("max_records", sizes.max_records);
  read("max_bytes", sizes.max_bytes);
  return sizes;
}

JobSpec as_submitted(const JobSpec& attached, const Job& job) {
  JobSpec spec = attached;
  spec.batch = stored_batch_sizes(job);
  return spec;
}

}  // namespace freight::engine
