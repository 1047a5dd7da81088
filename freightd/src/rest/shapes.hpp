#pragma once

#include <optional>
#include <string>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "freight/job_queries.hpp"
#include "freight/job_store.hpp"
#include "freight/preview.hpp"
#include "freight/tenant_store.hpp"
#include "freight/upload_store.hpp"

// How the library's values look in JSON, as docs and OpenAPI have them.

namespace freight::daemon::rest {

/// A job with its spec, as JSON text.
std::string text_of(const Job& job);
/// A job as it stands in lists: without its spec. The object lives in `storage`.
boost::json::object shape_of(const Job& job, const boost::json::storage_ptr& storage = {});
boost::json::object shape_of(const Batch& batch);
boost::json::object shape_of(const LogEntry& entry);
boost::json::object shape_of(const RecordFate& fate);
boost::json::object shape_of(const Tenant& tenant);
boost::json::object shape_of(const TenantLimits& limits);
boost::json::object shape_of(const ApiKey& key);
boost::json::object shape_of(const Upload& upload);
boost::json::object shape_of(const RecordCounts& counts);
boost::json::object shape_of(const QueueStatistics& queue);
boost::json::object shape_of(const Failure& failure);

/// JSON that Freight itself wrote, such as a resolved spec, however deep it is nested; null for
/// what is none.
boost::json::value parse_own(std::string_view text);

boost::json::value time_or_null(const std::optional<Timestamp>& time);
boost::json::value text_or_null(const std::optional<std::string>& text);
/// What is not UTF-8 is replaced: JSON takes nothing else.
std::string utf8_of(std::string_view text);

}  // namespace freight::daemon::rest
