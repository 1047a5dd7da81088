#pragma once

#include <vector>

#include "database/session.hpp"
#include "freight/engine/work.hpp"
#include "storage/sql/sql_text.hpp"

namespace freight::storage {

/// Fills Task::job of what was claimed just now, in one statement for all: where the batch is the
/// job's only one and its spec is small.
void read_small_jobs(database::Session& session, SqlText& sql, std::vector<Task>& tasks);

}  // namespace freight::storage
