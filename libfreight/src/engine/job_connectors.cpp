#include "engine/job_connectors.hpp"

#include <utility>

#include "core/hash.hpp"
#include "engine/source_text.hpp"
#include "freight/error.hpp"

namespace freight::engine {
namespace {

void refuse_other_input(const JobSpec& spec, const Job& job, const std::string& fingerprint) {
  if (job.fingerprint.empty() || job.fingerprint == fingerprint) return;
  throw Error(Code::source_changed,
              source_text(spec) +
                  " is not the same as when this job was planned; nothing more is read from it",
              {.hint = "put the original input back and retry the job, or submit a new job"});
}

PrepareRequest prepare_request(const JobSpec& spec, const Job& job, const std::string& fingerprint,
                               mapping::TargetColumns target) {
  PrepareRequest request;
  request.columns = std::move(target.columns);
  request.primary_key = std::move(target.primary_key);
  request.required = std::move(target.required);
  request.leave_out_generated = target.leave_out_generated;
  if (!fingerprint.empty()) {
    request.load_hash = core::sha256_hex(fingerprint + '\n' + spec.load_identity);
  }
  request.read_only = spec.mode == JobMode::validate;
  request.refuse_reload = spec.rerun == Rerun::refuse && !request.read_only;
  request.completed_batches = job.batches_completed;
  request.rows_written = job.written.inserted + job.written.updated + job.written.unchanged;
  request.started_at = job.started_at;
  return request;
}

}  // namespace

std::unique_ptr<const JobConnectors> make_job_connectors(const JobSpec& spec, const Job& job,
                                                         const ConnectorRegistry& registry,
                                                         TaskAttempt& attempt) {
  auto made = std::make_unique<JobConnectors>();
  const ConnectorRequest request{.spec = spec, .tenant_id = job.tenant_id, .job_id = job.id};
  attempt.side = Side::source;
  made->source = registry.make_source(request);
  made->description = made->source->describe(attempt.context);
  made->fingerprint = made->source->fingerprint(attempt.context);
  refuse_other_input(spec, job, made->fingerprint);
  made->input_hash = core::sha256_hex(made->fingerprint);

  attempt.side = Side::mapping;
  auto target = mapping::target_columns(spec, made->description);

  attempt.side = Side::destination;
  made->destination = registry.make_destination(request);
  made->traits = made->destination->traits();
  auto prepared = made->destination->prepare(
      prepare_request(spec, job, made->fingerprint, std::move(target)), attempt.context);
  made->preparation_warnings = std::move(prepared.warnings);

  attempt.side = Side::source;
  if (auto fields = mapping::used_fields(spec, made->description, prepared.catalog)) {
    made->source->use_fields(std::move(*fields));
    made->description = made->source->describe(attempt.context);
  }

  attempt.side = Side::mapping;
  made->mapper.emplace(spec, made->description, prepared.catalog,
                       mapping::JobFacts{.job_id = job.id, .started_at = job.started_at});
  attempt.side = Side::engine;
  return made;
}

}  // namespace freight::engine
