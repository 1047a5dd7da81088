#include <string>

#include "commands/command.hpp"
#include "console.hpp"
#include "exit_status.hpp"
#include "freight/job_store.hpp"
#include "job_output.hpp"
#include "tenant_storage.hpp"
#include "terminal_text.hpp"

// What can be asked of jobs that were run before.

namespace freight::daemon {
namespace {

std::string line_of(const Job& job) {
  return job.id.to_string() + "  " + format_timestamp(job.created_at) + "  " +
         std::string(to_string(job.status)) + "  read " + std::to_string(job.records.read) +
         "  rejected " + std::to_string(job.records.rejected) + "  " + printable(job.name) + "\n";
}

}  // namespace

int jobs_command(const Options& options) {
  const auto from = open_tenant_storage(options);
  JobQuery query;
  std::uint64_t left = options.limit.value_or(100);
  while (left > 0) {
    query.limit = static_cast<std::uint32_t>(std::min<std::uint64_t>(left, 1000));
    const JobPage page = from.storage->jobs().list_jobs(from.tenant_id, query);
    for (const Job& job : page.jobs) print(line_of(job));
    left -= page.jobs.size();
    if (page.next_cursor.empty()) break;
    query.cursor = page.next_cursor;
  }
  return exit_completed;
}

int report_command(const Options& options) {
  check_output_paths(options);
  const auto from = open_tenant_storage(options);
  const Job job = find_job(from, options.arguments.front());
  write_outputs(from.storage->jobs(), job, options);
  return is_final(job.status) ? exit_status_of(job) : exit_completed;
}

int rejects_command(const Options& options) {
  const auto from = open_tenant_storage(options);
  const Job job = find_job(from, options.arguments.front());
  write_rejects(from.storage->jobs(), job, options.output, options);
  return exit_completed;
}

}  // namespace freight::daemon
