#include <string>

#include "commands/command.hpp"
#include "console.hpp"
#include "exit_status.hpp"
#include "freight/error.hpp"
#include "freight/storage.hpp"
#include "tenant_storage.hpp"

namespace freight::daemon {
namespace {

std::string records_text(std::uint64_t count) {
  return std::to_string(count) + (count == 1 ? " record" : " records");
}

std::string traces_text(const ErasureResult& found) {
  return "what is kept of " + records_text(found.records) + " (dead letters " +
         std::to_string(found.dead_letters) + ", log entries " + std::to_string(found.log_entries) +
         ", corrections " + std::to_string(found.corrections) + ")";
}

/// Of one transaction after the other, each of a bounded number of records.
ErasureResult erase_all(JobStore& jobs, const Erasure& erasure) {
  ErasureResult erased;
  while (true) {
    const ErasureResult more = jobs.erase(erasure);
    erased.unended_jobs = more.unended_jobs;
    if (more.records == 0) return erased;
    erased.records += more.records;
    erased.dead_letters += more.dead_letters;
    erased.log_entries += more.log_entries;
    erased.corrections += more.corrections;
  }
}

int conclude_erasure(const ErasureResult& result) {
  if (result.unended_jobs == 0) return exit_completed;
  say("left as they are: jobs with such records that have not ended, " +
      std::to_string(result.unended_jobs) +
      " of them; erase again once they have ended or were cancelled");
  return exit_failed;
}

}  // namespace

int erase_command(const Options& options) {
  if (!options.key || options.key->empty()) {
    throw Error(Code::usage, "erase takes the key of the records",
                {.hint = "as in freightd erase TENANT --key 4711"});
  }
  const auto storage = open_existing_storage(options.storage, StorageUse::change);
  const TenantId tenant_id = find_tenant(storage->tenants(), options.arguments.front());
  Erasure erasure{.tenant_id = tenant_id, .key = *options.key, .dry_run = true};
  const ErasureResult found = storage->jobs().erase(erasure);
  if (options.dry_run) {
    say("would erase " + traces_text(found));
    return conclude_erasure(found);
  }
  if (found.records == 0) {
    say("nothing is kept of records with this key in jobs that have ended");
    return conclude_erasure(found);
  }
  // Before the first change: what was begun and broken off is to be known of, too. The key itself
  // is what has to be forgotten.
  storage->tenants().record({.tenant_id = tenant_id,
                             .actor = "command line",
                             .action = "eraseKey",
                             .subject = records_text(found.records)});
  erasure.dry_run = false;
  const ErasureResult erased = erase_all(storage->jobs(), erasure);
  say("erased " + traces_text(erased));
  return conclude_erasure(erased);
}

}  // namespace freight::daemon
