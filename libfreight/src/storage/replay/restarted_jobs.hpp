#pragma once

#include "database/session.hpp"
#include "storage/sql/locked_jobs.hpp"
#include "storage/sql/sql_text.hpp"

namespace freight::storage {

/// Of a job that restarts (NewJob::restarts) and is about to be retried: its completed batches are
/// ready again, and its counts begin anew. Nothing happens to any other job.
void take_back_completed(database::Session& session, SqlText& sql, const JobKey& key);

}  // namespace freight::storage
