#include "engine/stored_spec.hpp"

#include <string>
#include <vector>

#include <boost/json.hpp>

#include "freight/error.hpp"

namespace freight::engine {

namespace {

auto parse_stored(const Job& job, const ConnectorRegistry& registry) {
  SpecOptions options;
  options.references = true;
  options.standard_input = true;
  return parse_job_spec(job.spec, registry, std::move(options));
}

std::string places_of(const std::vector<std::string>& pointers) {
  std::string places;
  for (const std::string& pointer : pointers) {
    places += (places.empty() ? "" : " and ") + pointer;
  }
  return places;
}

}  // namespace

JobSpec parse_stored_spec(const Job& job, const ConnectorRegistry& registry) {
  auto result = parse_stored(job, registry);
  refuse_missing_secrets(result.value());
  return std::move(*result.spec);
}

Failure waits_for_secret(const Job& job, const ConnectorRegistry& registry) {
  const auto parsed = parse_stored(job, registry);
  if (parsed.spec && parsed.spec->reads_standard_input()) {
    return {.code = Code::missing_secret,
            .category = code_info(Code::missing_secret).category,
            .message =
                "the job reads standard input, which went with the program that had it; run "
                "the same command again with the same input",
            .details = {}};
  }
  const auto places = parsed.spec ? places_of(parsed.spec->missing_secrets) : std::string();
  return {.code = Code::missing_secret,
          .category = code_info(Code::missing_secret).category,
          .message = "the password of " + (places.empty() ? "the job's spec" : places) +
                     " is not stored, and no program that works for this storage has it; give it "
                     "again: run the job's file with its password, or attach the spec to the job",
          .details = {}};
}

void refuse_missing_secrets(const JobSpec& spec) {
  if (spec.missing_secrets.empty()) return;
  throw Error(Code::missing_secret,
              "the password of " + places_of(spec.missing_secrets) +
                  " is not in this spec: no spec is stored or shown with it",
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
