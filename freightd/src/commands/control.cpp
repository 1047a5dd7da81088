#include <chrono>
#include <memory>
#include <string>
#include <string_view>

#include "commands/command.hpp"
#include "console.hpp"
#include "exit_status.hpp"
#include "freight/error.hpp"
#include "freight/job_engine.hpp"
#include "tenant_storage.hpp"

// What can be asked of a job that somebody works for, or nobody any more.

namespace freight::daemon {
namespace {

/// The job of the command's argument, and an engine to ask for it. The engine works for no job: it
/// only cleans up behind one that it cancels.
struct Asked {
  TenantStorage from;
  Job job;
  std::unique_ptr<JobEngine> engine;

  explicit Asked(const Options& options)
      : from(open_tenant_storage(options, StorageUse::change)),
        job(find_job(from, options.arguments.front())) {
    EngineOptions idle = engine_options(options);
    idle.workers = 1;
    idle.only_job = JobId::generate();
    engine = make_job_engine(*from.storage, default_connectors(connector_options(options)), idle);
  }

  std::string name() const { return "job " + job.id.to_string(); }
};

[[noreturn]] void refuse_state(const Asked& asked, JobStatus status, std::string_view action) {
  std::string possible;
  for (const std::string_view one : actions_of(status))
    possible += (possible.empty() ? "" : ", ") + std::string(one);
  throw Error(
      Code::invalid_state,
      asked.name() + " is " + std::string(to_string(status)) + " and cannot be " +
          std::string(action),
      {.hint = possible.empty() ? "look again in a moment" : "what can be done: " + possible});
}

}  // namespace

int cancel_command(const Options& options) {
  const Asked asked(options);
  asked.engine->start();
  StateChange change = asked.engine->cancel(asked.from.tenant_id, asked.job.id);
  // Who works for it soon ends it; of a node that has died the lease has to run out.
  if (change.status == JobStatus::cancelling) {
    constexpr std::chrono::seconds longer_than_a_lease{8};
    change.status =
        asked.engine->wait(asked.from.tenant_id, asked.job.id, longer_than_a_lease).status;
  }
  asked.engine->stop();
  if (change.status == JobStatus::cancelling) {
    say(asked.name() + " is being cancelled: batches in flight end or go back");
    return exit_completed;
  }
  if (change.status != JobStatus::cancelled) refuse_state(asked, change.status, "cancelled");
  say(asked.name() + (change.changed ? " is cancelled" : " was cancelled before"));
  return exit_completed;
}

int pause_command(const Options& options) {
  const Asked asked(options);
  const StateChange change = asked.engine->pause(asked.from.tenant_id, asked.job.id);
  if (!change.accepted) refuse_state(asked, change.status, "paused");
  say(asked.name() +
      (change.changed ? " is paused: nothing more of it begins" : " was paused before"));
  say("  freightd resume " + asked.job.id.to_string() + " lets it go on");
  return exit_completed;
}

int resume_command(const Options& options) {
  const Asked asked(options);
  const StateChange change = asked.engine->resume(asked.from.tenant_id, asked.job.id);
  if (!change.accepted) refuse_state(asked, change.status, "resumed");
  say(asked.name() + (change.changed ? " may go on" : " was not paused"));
  say("  a server or worker of this storage does, or `freightd run` with its job file");
  return exit_completed;
}

int delete_command(const Options& options) {
  const Asked asked(options);
  const StateChange change =
      asked.from.storage->jobs().remove_job(asked.from.tenant_id, asked.job.id);
  if (!change.accepted) refuse_state(asked, change.status, "deleted");
  say(asked.name() + " is deleted; what it wrote stays");
  return exit_completed;
}

}  // namespace freight::daemon
