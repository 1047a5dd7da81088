#pragma once

#include <cstdint>
#include <string>

#include "freight/job_queries.hpp"

namespace freight::storage {

/// The last job of a page: its value in the sort order, and its id.
struct JobCursor {
  std::int64_t value = 0;
  JobId job_id;
};

/// `1.<sort and direction>.<value>.<job id>`; the 1 is the format's version.
std::string write_cursor(const JobQuery& query, const JobCursor& cursor);
/// Throws invalid_value for what is no cursor of a query with this order.
JobCursor read_cursor(const JobQuery& query);

}  // namespace freight::storage
