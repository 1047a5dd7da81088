#include <algorithm>
#include <string>

#include <boost/json.hpp>

#include "commands/command.hpp"
#include "console.hpp"
#include "exit_status.hpp"
#include "freight/job_store.hpp"
#include "job_output.hpp"
#include "rest/shapes.hpp"
#include "tenant_storage.hpp"
#include "terminal_text.hpp"

// What can be asked of jobs that were run before.

namespace freight::daemon {
namespace {

/// Whether it is unfinished and nobody works for it any more: `run` was ended before the job was. A
/// node that holds nothing may be waiting for this very job's destination, or its turn.
bool is_interrupted(JobStore& store, const Job& job) {
  if (job.status != JobStatus::running || store.is_running(job.tenant_id, job.id)) return false;
  const auto nodes = store.list_nodes();
  return std::none_of(nodes.begin(), nodes.end(),
                      [](const NodeStatus& node) { return node.state == NodeState::idle; });
}

std::string line_of(const Job& job, bool interrupted) {
  return job.id.to_string() + "  " + format_timestamp(job.created_at) + "  " +
         (interrupted ? "interrupted" : std::string(to_string(job.status))) + "  read " +
         std::to_string(job.records.read) + "  rejected " + std::to_string(job.records.rejected) +
         "  " + printable(job.name) + "\n";
}

}  // namespace

int jobs_command(const Options& options) {
  const auto from = open_tenant_storage(options, StorageUse::look);
  JobStore& store = from.storage->jobs();
  bool first = true;
  JobQuery query;
  std::uint64_t left = options.limit.value_or(100);
  while (left > 0) {
    query.limit = static_cast<std::uint32_t>(std::min<std::uint64_t>(left, 1000));
    const JobPage page = store.list_jobs(from.tenant_id, query);
    for (const Job& job : page.jobs) {
      const bool interrupted = is_interrupted(store, job);
      if (!options.json) {
        print(line_of(job, interrupted));
        continue;
      }
      boost::json::object object = rest::shape_of(job);
      object["interrupted"] = interrupted;
      print((first ? "[" : ",\n ") + boost::json::serialize(object));
      first = false;
    }
    left -= page.jobs.size();
    if (page.next_cursor.empty()) break;
    query.cursor = page.next_cursor;
  }
  if (options.json) print(first ? "[]\n" : "]\n");
  return exit_completed;
}

int report_command(const Options& options) {
  check_output_paths(options);
  const auto from = open_tenant_storage(options, StorageUse::look);
  const Job job = find_job(from, options.arguments.front());
  write_outputs(from.storage->jobs(), job, options);
  return is_final(job.status) ? exit_status_of(job.status) : exit_completed;
}

int rejects_command(const Options& options) {
  const auto from = open_tenant_storage(options, StorageUse::look);
  const Job job = find_job(from, options.arguments.front());
  write_rejects(from.storage->jobs(), job, options.output, options);
  return exit_completed;
}

}  // namespace freight::daemon
