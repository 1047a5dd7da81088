#include "job_run.hpp"

#include <chrono>
#include <span>
#include <string_view>
#include <utility>
#include <variant>

#include "console.hpp"
#include "engine/job_choice.hpp"
#include "engine/reject_limits.hpp"
#include "freight/report.hpp"
#include "interruption.hpp"
#include "job_output.hpp"
#include "patience.hpp"
#include "progress.hpp"

namespace freight::daemon {
namespace {

using namespace std::chrono_literals;
using engine::choose_job;
using engine::JobAction;
using engine::JobChoice;
using engine::runs_always;
using engine::wrote_nothing;

constexpr auto look_interval = 200ms;
/// Says what takes long before there is a job.
class ProgressWords final : public LogSink {
 public:
  void log(LogLevel, std::string_view message, std::span<const LogField>) noexcept override {
    say(std::string(message));
  }
};

std::string records_done(const Job& job) {
  return std::to_string(job.records.read) +
         (job.planned ? " of " + std::to_string(job.records_planned) : "") + " records are done";
}

std::string same_command(const Job& job) {
  return "run the same command again to go on with job " + job.id.to_string();
}

}  // namespace

JobRun::JobRun(JobSpec spec, const Options& options)
    : spec_(std::move(spec)),
      options_(options),
      connectors_(default_connectors(connector_options(options))) {}

ExitStatus JobRun::run() {
  if (looks_for_earlier_jobs()) fingerprint_ = input_fingerprint();
  open();
  const Begun begun = begin();
  const Job job = begun.ended ? *storage_->jobs().find_job(tenant_id_, begun.id) : work(begun.id);
  return is_final(job.status) || job.status == JobStatus::paused
             ? conclude(job)
             : stop_early(job, same_command(job));
}

/// A validation writes nothing, so it may be made again at any time and is never gone on with.
bool JobRun::looks_for_earlier_jobs() const {
  return spec_.rerun == Rerun::refuse && spec_.mode == JobMode::run;
}

std::string JobRun::input_fingerprint() {
  ProgressWords words;
  return patiently(spec_.retry.max_outage, [&] {
    ConnectorContext context;
    if (options_.progress != ProgressStyle::none) context.log = &words;
    auto source = connectors_.make_source({.spec = spec_});
    source->describe(context);
    std::string fingerprint = source->fingerprint(context);
    if (source_file(spec_.source).has_value()) looked_at_ = std::move(source);
    return fingerprint;
  });
}

void JobRun::open() {
  patiently(spec_.retry.max_outage, [&] {
    if (storage_ == nullptr) storage_ = open_storage(options_.storage);
    tenant_id_ = storage_->tenants().find_or_create(default_tenant_name).id;
  });
}

JobRun::Begun JobRun::begin() {
  if (!looks_for_earlier_jobs()) {
    // A submission whose answer was lost may have been written: with its key there is still one.
    const std::string key = JobId::generate().to_string();
    return {patiently(spec_.retry.max_outage,
                      [&] { return make_engine()->submit_once(tenant_id_, spec_, key).job_id; })};
  }
  while (true) {
    // When another process was faster, what it did is looked at anew.
    const auto begun = patiently(spec_.retry.max_outage, [&] { return try_begin(); });
    if (begun) return *begun;
  }
}

std::optional<JobRun::Begun> JobRun::try_begin() {
  const auto jobs = storage_->jobs().find_jobs_by_identity(tenant_id_, spec_.identity);
  const JobChoice choice = choose_job(jobs, fingerprint_);
  switch (choice.action) {
    case JobAction::submit:
      return submit_after(jobs);
    case JobAction::resume:
      return resume(*choice.job);
    case JobAction::requeue:
      if (wrote_nothing(*choice.job)) {
        say("job " + choice.job->id.to_string() +
            " failed with all_rejected and wrote nothing; trying its records again as a new job");
        return submit_after(jobs);
      }
      return requeue(*choice.job);
    case JobAction::show:
      if (runs_always(spec_)) return submit_after(jobs);
      if (try_refused_again(*choice.job)) return Begun{choice.job->id};
      say("nothing to do: job " + choice.job->id.to_string() +
          " has loaded this input already; its report follows");
      say("  --new runs it again");
      return Begun{choice.job->id, true};
    case JobAction::source_changed:
      break;
  }
  throw Error(
      Code::source_changed,
      "the source has changed since job " + choice.job->id.to_string() + " began, of which " +
          records_done(*choice.job),
      {.hint = "put the old source back to go on with that job, or begin a new one with --new"});
}

std::optional<JobRun::Begun> JobRun::submit_after(std::span<const Job> jobs) {
  const auto newest = jobs.empty() ? std::nullopt : std::optional(jobs.front().id);
  const auto id = make_engine()->submit_after(tenant_id_, spec_, newest);
  if (!id) return std::nullopt;
  return Begun{*id};
}

JobRun::Begun JobRun::resume(const Job& job) const {
  const bool joined = storage_->jobs().is_running(tenant_id_, job.id);
  say((joined ? "another process runs job " : "going on with job ") + job.id.to_string() +
      (joined ? "; joining it, " : ", ") + records_done(job));
  if (job.status == JobStatus::paused) make_engine()->resume(tenant_id_, job.id);
  return {job.id};
}

/// A limit that a job ended at holds until somebody says otherwise.
void JobRun::refuse_over_limit(const Job& job) const {
  if (!job.error || job.error->code != Code::too_many_rejects) return;
  Job from_its_beginning = job;
  from_its_beginning.limits_from_read = 0;
  from_its_beginning.limits_from_rejected = 0;
  const auto failure = engine::too_many_rejects(from_its_beginning, spec_.errors);
  if (!failure) return;
  throw Error(failure->code, "job " + job.id.to_string() + " has failed: " + failure->message,
              {.hint = "look at what was rejected; `freightd retry " + job.id.to_string() +
                       "` goes on with the job and begins the limit anew, a higher limit in the "
                       "spec does, too, and --new runs it as a new one"});
}

std::optional<JobRun::Begun> JobRun::requeue(const Job& job) {
  refuse_over_limit(job);
  const auto retried = make_engine()->retry(tenant_id_, job.id, RetryScope::failed_batches);
  if (retried.refusal == RetryRefusal::none) {
    say("job " + job.id.to_string() + " was " + std::string(to_string(job.status)) +
        "; trying again what is pending, " + records_done(job));
    return Begun{job.id};
  }
  const auto now = storage_->jobs().find_job(tenant_id_, job.id);
  if (!now || now->status != job.status) return std::nullopt;
  say("nothing of job " + job.id.to_string() + " is pending; its report follows");
  say("  freightd replay " + job.id.to_string() + " tries its rejects again, --new all of it");
  return Begun{job.id, true};
}

/// What the destination refused it may take by now: a parent has come, a row has gone.
bool JobRun::try_refused_again(const Job& job) const {
  if (!engine::may_take_refused(job, spec_)) return false;
  const auto result = make_engine()->replay(tenant_id_, job.id, {.stage = Stage::write});
  if (result.refusal != ReplayRefusal::none) return false;
  say("job " + job.id.to_string() + " has loaded this input already; trying " +
      std::to_string(result.records) + " records again that the destination refused");
  return true;
}

std::unique_ptr<JobEngine> JobRun::make_engine(std::optional<JobId> only_job) const {
  EngineOptions engine = engine_options(options_);
  engine.only_job = only_job;
  return make_job_engine(*storage_, connectors_, std::move(engine));
}

ExitStatus JobRun::replay(TenantStorage from, const Job& job) {
  storage_ = std::move(from.storage);
  tenant_id_ = from.tenant_id;
  refuse_other_input(job);
  const ReplayResult result = begin_replay(job);
  if (result.refusal == ReplayRefusal::not_ended) {
    throw Error(Code::invalid_state,
                "job " + job.id.to_string() + " is " + std::string(to_string(result.status)),
                {.hint = "its rejects can be replayed once it has ended"});
  }
  if (result.refusal == ReplayRefusal::erased) {
    throw Error(Code::invalid_state,
                "what was kept of the open rejects of job " + job.id.to_string() + " was erased",
                {.hint = "correct the source and run it as a new job"});
  }
  if (result.refusal == ReplayRefusal::nothing_open) {
    say("nothing to replay: no rejected record of job " + job.id.to_string() +
        " is open; its report follows");
    return conclude(job);
  }
  say("replaying " + std::to_string(result.records) + " records of job " + job.id.to_string());
  return work_again(job);
}

ExitStatus JobRun::retry(TenantStorage from, const Job& job, RetryScope scope) {
  storage_ = std::move(from.storage);
  tenant_id_ = from.tenant_id;
  const RetryResult result = begin_retry(job, scope);
  const std::string name = "job " + job.id.to_string();
  switch (result.refusal) {
    case RetryRefusal::none:
      break;
    case RetryRefusal::nothing_to_retry:
      say("nothing to try again: nothing of " + name +
          " is pending in this scope; its report follows");
      return conclude(job);
    case RetryRefusal::not_ended:
      throw Error(Code::invalid_state, name + " is " + std::string(to_string(result.status)),
                  {.hint = "it can be tried again once it has ended"});
    case RetryRefusal::job_incomplete:
      throw Error(Code::invalid_state, name + " ended before all of its batches had",
                  {.hint = "--scope all tries these as well"});
    case RetryRefusal::destination_closed:
      throw Error(Code::invalid_state,
                  "the destination of " + name + " cannot be added to any more",
                  {.hint = "correct the source and run it as a new job"});
  }
  say("trying again " + std::to_string(result.batches_requeued) + " batches and " +
      std::to_string(result.records_requeued) + " rejected records of " + name);
  return work_again(job);
}

/// As begin_replay(): a retry whose answer was lost may have begun.
RetryResult JobRun::begin_retry(const Job& job, RetryScope scope) const {
  const auto engine = make_engine();
  bool asked_before = false;
  return patiently(spec_.retry.max_outage, [&] {
    const bool again = std::exchange(asked_before, true);
    RetryResult result = engine->retry(tenant_id_, job.id, scope);
    if (again && result.refusal == RetryRefusal::not_ended) result = {};
    return result;
  });
}

ExitStatus JobRun::work_again(const Job& job) {
  const Job ended = work(job.id);
  return is_final(ended.status) || ended.status == JobStatus::paused
             ? conclude(ended)
             : stop_early(ended, "`freightd run` with its job file goes on with job " +
                                     ended.id.to_string());
}

/// Before anything of the job changes: what it has loaded stays as it is.
void JobRun::refuse_other_input(const Job& job) {
  if (!source_file(spec_.source) || job.fingerprint.empty()) return;
  if (input_fingerprint() == job.fingerprint) return;
  throw Error(
      Code::source_changed,
      "the source is not the one that job " + job.id.to_string() + " has read",
      {.hint = "put the old source back to replay its rejects, or run the corrected rows as "
               "a job of their own: a rejects file is a source, too"});
}

/// A replay whose answer was lost may have begun: then the job is at work.
ReplayResult JobRun::begin_replay(const Job& job) const {
  const auto engine = make_engine();
  bool asked_before = false;
  return patiently(spec_.retry.max_outage, [&] {
    const bool again = std::exchange(asked_before, true);
    ReplayResult result =
        options_.from
            ? engine->replay(tenant_id_, job.id,
                             read_corrections(options_.from->string(), job, &storage_->jobs()))
            : engine->replay(tenant_id_, job.id, DeadLetterFilter{});
    if (again && result.refusal == ReplayRefusal::not_ended) {
      result = {.records = job.records.rejected};
    }
    return result;
  });
}

Job JobRun::work(JobId id) {
  const auto engine = make_engine(id);
  if (spec_.is_bound_to_process()) engine->attach(tenant_id_, id, spec_);
  engine->start();
  const Job job = watch(*engine, id);
  engine->stop();
  // Batches that were in flight may have ended the job after all.
  return patiently(spec_.retry.max_outage,
                   [&] { return engine->find(tenant_id_, id).value_or(job); });
}

Job JobRun::watch(JobEngine& engine, JobId id) {
  Progress progress(options_.progress);
  auto last_seen = std::chrono::steady_clock::now();
  while (true) {
    try {
      Job job = engine.wait(tenant_id_, id, look_interval);
      last_seen = std::chrono::steady_clock::now();
      if (is_final(job.status) || job.status == JobStatus::paused || interrupted()) return job;
      progress.update(job);
    } catch (const Error& error) {
      // The engine tries again by itself; here it only must not go on for ever.
      const bool too_long = std::chrono::steady_clock::now() - last_seen >= spec_.retry.max_outage;
      if (error.category() != Category::transient || too_long) throw;
      if (interrupted()) throw Interrupted{};
      progress.note_waiting(error.code(), error.what());
    }
  }
}

ExitStatus JobRun::stop_early(const Job& job, const std::string& how_to_go_on) {
  if (spec_.mode == JobMode::validate) {
    storage_->work().finish_job(
        {.tenant_id = tenant_id_, .job_id = job.id, .status = JobStatus::cancelled});
    say("interrupted; nothing was written");
    return exit_interrupted;
  }
  say("interrupted: " + records_done(job) + " and safe");
  say("  " + how_to_go_on);
  return exit_interrupted;
}

ExitStatus JobRun::conclude(const Job& job) {
  write_outputs(storage_->jobs(), job, options_);
  if (job.status == JobStatus::paused) {
    say("paused" + (job.error ? ": " + job.error->message : std::string()));
    say("  " + same_command(job));
  }
  return exit_status_of(job.status);
}

}  // namespace freight::daemon
