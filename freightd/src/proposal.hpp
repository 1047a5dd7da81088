#pragma once

#include <optional>
#include <string>

#include "freight/inspection.hpp"
#include "options.hpp"

namespace freight::daemon {

/// What a job that nobody has written yet is to read and write: `to` is a database's URL, and after
/// a # its table; without one the job only reads. Without a table it is called as the file is.
/// Throws Error(usage) for a destination that is none.
ProposedJob proposed_job(const std::string& path, const std::optional<std::string>& to);

/// True for `sqlite:FILE` and `postgresql://…`, with or without #TABLE.
bool is_database(const std::string& text);

/// The migration of a database, or of the table after its #: what `init` prints of one. Without a
/// destination it cannot be run. Says on stderr what was seen. Throws Error(usage) and what
/// SchemaConnection throws.
std::string migration_from_database(const std::string& from, const std::optional<std::string>& to);

/// Throws Error(usage) for a destination that is no database.
void check_destination(const std::string& to);

/// The job or migration that `run --from` runs: looks at `options.from`, says what was found, and
/// writes the job to `options.save` when that is set. Its paths do not depend on the folder it
/// stands in. Throws Error(usage, output_failed) and what inspect_file() throws.
std::string job_from(const Options& options);

/// Says on stderr what an inspection found, a line each.
void say_findings(const Inspection& inspection);

}  // namespace freight::daemon
