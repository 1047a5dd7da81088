#include "engine/submission.hpp"

#include <unistd.h>

#include <array>
#include <filesystem>
#include <system_error>
#include <variant>

#include "engine/stored_spec.hpp"
#include "freight/error.hpp"

namespace freight::engine {
namespace {

constexpr std::string_view sqlite_scheme = "sqlite:";

/// An upload is wherever the storage's uploads are.
bool is_local_file(const SourceSpec& source) {
  const auto file = source_file(source);
  return file && file->upload.empty();
}

const std::filesystem::path* file_of(const DestinationSpec& destination) {
  if (const auto* csv = std::get_if<CsvDestinationSpec>(&destination)) return &csv->path;
  if (const auto* jsonl = std::get_if<JsonlDestinationSpec>(&destination)) return &jsonl->path;
  return nullptr;
}

bool is_local(const JobSpec& spec) {
  const auto* source = std::get_if<SqlSourceSpec>(&spec.source);
  const auto* destination = std::get_if<SqlDestinationSpec>(&spec.destination);
  return is_local_file(spec.source) ||
         (source != nullptr && source->url.starts_with(sqlite_scheme)) ||
         file_of(spec.destination) != nullptr ||
         (destination != nullptr && destination->url.starts_with(sqlite_scheme));
}

/// Secrets, and standard input, are in the memory of this engine only. A local path is only on this
/// machine, which needs no saying where the storage is a local file as well: a machine or container
/// may change its name.
std::string affinity_of(const Storage& storage, JobId job_id, const JobSpec& spec) {
  if (spec.is_bound_to_process()) return std::string(secret_affinity_prefix) + job_id.to_string();
  return place_affinity(storage, spec);
}

void refuse_storage_as_file(const Storage& storage, const std::filesystem::path& file) {
  const auto url = storage.display_url();
  std::error_code failed;
  if (!url.starts_with(sqlite_scheme) ||
      !std::filesystem::equivalent(url.substr(sqlite_scheme.size()), file, failed)) {
    return;
  }
  throw Error(Code::destination_is_storage,
              "the destination " + file.string() + " is Freight's own storage",
              {.hint = "choose another file"});
}

void refuse_storage_as_destination(const Storage& storage, const JobSpec& spec) {
  if (const auto* file = file_of(spec.destination)) return refuse_storage_as_file(storage, *file);
  const auto* destination = std::get_if<SqlDestinationSpec>(&spec.destination);
  if (destination == nullptr || !storage.holds(destination->url, destination->table)) return;
  throw Error(Code::destination_is_storage,
              "the destination table " + destination->table + " is one of Freight's own storage",
              {.hint = "choose another table or another database"});
}

/// What the source cannot say now it says again in the job's plan task, where it has its
/// consequences.
void plan_at_once(NewJob& job, Source& source, const JobSpec& spec, JobId job_id) {
  ConnectorContext context;
  context.tenant_id = job.tenant_id;
  context.job_id = job_id;
  try {
    auto description = source.describe(context);
    auto chunk = source.plan(
        {},
        {.max_records = spec.batch.max_records, .max_bytes = spec.batch.max_bytes, .max_ranges = 2},
        context);
    if (!chunk.done || chunk.ranges.size() != 1) return;
    job.fingerprint = source.fingerprint(context);
    job.plan = {.batch = std::move(chunk.ranges.front()),
                .bytes_total = description.bytes_total,
                .source_count = source.count(context),
                .source_fields = std::move(description.fields),
                .warnings = std::move(description.warnings)};
  } catch (...) {
    job.plan.reset();
    job.fingerprint.clear();
  }
}

}  // namespace

std::string host_name() {
  std::array<char, 256> name{};
  if (::gethostname(name.data(), name.size() - 1) != 0) return "localhost";
  return name.data();
}

std::string place_affinity(const Storage& storage, const JobSpec& spec) {
  if (is_local(spec) && !storage.display_url().starts_with(sqlite_scheme)) return host_affinity();
  return {};
}

std::string host_affinity() { return "host:" + host_name(); }

NewJob new_job(const Storage& storage, const ConnectorRegistry& registry, TenantId tenant_id,
               JobId job_id, const JobSpec& spec) {
  refuse_missing_secrets(spec);
  refuse_storage_as_destination(storage, spec);
  // Making them opens nothing, and shows at once what could never be made.
  const ConnectorRequest request{.spec = spec, .tenant_id = tenant_id, .job_id = job_id};
  const auto source = registry.make_source(request);
  const auto destination = registry.make_destination(request);

  NewJob job;
  // A validation leaves nothing behind that could be in another order.
  job.ordered = spec.mode == JobMode::run &&
                (spec.write_order == WriteOrder::source || destination->traits().ordered);
  job.restarts = destination->traits().restarts;
  job.tenant_id = tenant_id;
  if (source->in_memory()) plan_at_once(job, *source, spec, job_id);
  job.name = spec.name;
  job.priority = spec.priority;
  job.labels = spec.labels;
  job.spec = spec.stored_json;
  job.identity = spec.identity;
  job.load_identity = spec.load_identity;
  job.node_affinity = affinity_of(storage, job_id, spec);
  job.run_at = spec.run_at;
  job.timeout = spec.timeout;
  return job;
}

}  // namespace freight::engine
