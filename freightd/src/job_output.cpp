#include "job_output.hpp"

#include <algorithm>
#include <span>
#include <string>
#include <vector>

#include "console.hpp"
#include "freight/report.hpp"
#include "output_file.hpp"
#include "summary.hpp"
#include "terminal_text.hpp"

namespace freight::daemon {
namespace {

constexpr std::uint32_t most_reject_groups = 100;

void write_report(const Job& job, std::span<const RejectGroup> rejects, const Options& options) {
  if (!options.report && !options.json) return;
  const std::string report = render_report(job, rejects) + "\n";
  if (options.report) {
    OutputFile file(*options.report);
    file.write(report);
    file.commit();
  }
  if (options.json) print(report);
}

/// What a next command needs to find the same storage: of the command line only, as environment and
/// configuration file say it again by themselves.
std::string same_storage(const Options& options) {
  const bool given =
      std::any_of(options.written.begin(), options.written.end(),
                  [](const std::string& word) { return word.starts_with("--storage"); });
  if (!given) return {};
  // A password is in no output.
  if (!options.storage.starts_with("sqlite:")) return " --storage URL";
  const bool plain = options.storage.find_first_of(" '\"\\$`*?&;|<>()") == std::string::npos;
  return " --storage " + (plain ? printable(options.storage) : "URL");
}

}  // namespace

void check_output_paths(const Options& options) {
  if (options.report) check_output_path(*options.report);
  if (options.rejects) check_output_path(*options.rejects);
}

void write_rejects(JobStore& store, const Job& job, const std::filesystem::path& path,
                   const Options& options) {
  const ConnectorRegistry connectors = default_connectors(connector_options(options));
  if (path == "-") return export_rejects(store, job, print, {.connectors = &connectors});
  OutputFile file(path);
  export_rejects(store, job, [&](std::string_view text) { file.write(text); },
                 {.connectors = &connectors});
  file.commit();
}

void write_outputs(JobStore& store, const Job& job, const Options& options) {
  const auto rejects = store.summarise_rejects(job.tenant_id, job.id, most_reject_groups);
  if (options.rejects) write_rejects(store, job, *options.rejects, options);
  try {
    write_report(job, rejects, options);
    if (!options.json) print(summarise(job, rejects, same_storage(options)));
  } catch (const OutputClosed&) {
    // How the job went is said by the exit status all the same.
  }
  if (job.error) say_error(*job.error);
}

void write_outputs_of_failure(const JobSpec& spec, const Failure& failure, const Options& options) {
  Job job;
  job.name = spec.name;
  job.status = JobStatus::failed;
  job.labels = spec.labels;
  job.spec = spec.stored_json;
  job.error = failure;
  job.created_at = job.updated_at = system_clock().now();
  job.finished_at = job.created_at;
  write_report(job, {}, options);
}

}  // namespace freight::daemon
