#pragma once

#include <memory>

#include "connectors/file/spool/spool.hpp"
#include "freight/connector_request.hpp"
#include "freight/source.hpp"

namespace freight::connectors {

/// A file::FileSource over an array of JSON objects. `spec.source` must be a JsonSourceSpec. Its
/// fields are as those of make_jsonl_source().
std::unique_ptr<Source> make_json_source(const ConnectorRequest& request,
                                         const std::shared_ptr<spool::Spool>& spool);

}  // namespace freight::connectors
