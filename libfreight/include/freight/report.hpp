#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "freight/connector_registry.hpp"
#include "freight/job.hpp"
#include "freight/job_store.hpp"

namespace freight {

/// @addtogroup running
/// @{

/// The report of job-spec.md section 7 as JSON (one object, no line breaks). Its section
/// `reconciliation` is Job::reconciliation as it stands, null while that is empty.
std::string render_report(const Job& job, std::span<const RejectGroup> rejects);

/// How long a job was worked for, as its report has it: its first run and each replay, without the
/// days between them. nullopt for a job that has not both begun and ended. `job` has to have its
/// passes (JobStore::find_job()).
std::optional<std::chrono::microseconds> time_at_work(const Job& job);

/// Dead letters of a job, each as a JSON object without line breaks: what is kept of them, with the
/// source's fields as `record`. `job` has to have its spec.
std::vector<std::string> render_dead_letters(const Job& job, std::span<const DeadLetter> letters);

/// An error of a record as a JSON object.
std::string render_record_error(const RecordError& error);

/// How rejects are exported.
enum class RejectsFormat {
  csv,     ///< the columns of job-spec.md section 7, then the source's own
  ndjson,  ///< one JSON object a line: all the errors, and the source's fields as `record`
};

/// How export_rejects() writes.
struct RejectsOptions {
  RejectsFormat format = RejectsFormat::csv;
  /// By which rejects beyond `errors.max_stored` are read from the source again; without it, and
  /// when the source is gone, these have an ordinal and a code only.
  const ConnectorRegistry* connectors = nullptr;
};

/// Streams all the rejects of a job in ordinal order; `write` gets the text piece by piece. Memory
/// does not grow with their number.
void export_rejects(JobStore& store, const Job& job,
                    const std::function<void(std::string_view)>& write,
                    const RejectsOptions& options = {});

/// How a log is exported: comma-separated with a header, or one JSON object a line.
enum class LogFormat { csv, ndjson };

/// Streams what a job's log has for `query`, whose `limit` is of no matter, in pages as
/// export_rejects() does; the first `most` entries.
void export_log(JobStore& store, const Job& job, LogQuery query, LogFormat format,
                const std::function<void(std::string_view)>& write,
                std::uint64_t most = std::numeric_limits<std::uint64_t>::max());

/// The corrections in a rejects file that export_rejects() wrote and a person changed, for
/// JobEngine::replay(). Rows that were left as they are have none: these records are tried again as
/// they stand in the source. Memory does not grow with the file. Throws missing_header for a file
/// that is none of the job's, and while reading invalid_value, naming the line. `store` is where
/// the job is: of a source of several files it tells in which order each of them had its columns,
/// without which a row that was left as it is may count as corrected.
CorrectionReader read_corrections(const std::string& path, const Job& job,
                                  JobStore* store = nullptr);

/// @}

}  // namespace freight
