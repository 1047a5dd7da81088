#pragma once

#include <memory>

#include "freight/connector.hpp"

namespace freight::sql {

/// The source `sql` for a URL `sqlite:<path>`, opened for reading only. Throws
/// Error(source_unreadable) when the URL cannot be read; nothing is opened before describe().
std::unique_ptr<Source> make_sqlite_source(const JobSpec& spec, JobId job_id);

}  // namespace freight::sql
