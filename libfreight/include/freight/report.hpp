#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "freight/job.hpp"
#include "freight/job_store.hpp"

namespace freight {

/// The report of job-spec.md section 7 as JSON (one object, no line breaks). Its section
/// `reconciliation` is Job::reconciliation as it stands, null while that is empty.
std::string render_report(const Job& job, std::span<const RejectGroup> rejects);

/// Streams the rejects of a job as CSV with the columns of job-spec.md section 7, in pages; `write`
/// gets the text piece by piece. Memory does not grow with their number.
void export_rejects(JobStore& store, const Job& job,
                    const std::function<void(std::string_view)>& write);

}  // namespace freight
