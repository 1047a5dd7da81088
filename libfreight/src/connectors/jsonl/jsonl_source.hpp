#pragma once

#include <memory>

#include "connectors/file/spool/spool.hpp"
#include "freight/connector_request.hpp"
#include "freight/source.hpp"

namespace freight::connectors {

/// A file::FileSource over a JSONL file. `spec.source` must be a JsonlSourceSpec. Its fields
/// are those of use_fields(); before that, none, or where the records' own keys become the columns
/// of a destination that has none yet, the keys of all records.
std::unique_ptr<Source> make_jsonl_source(const ConnectorRequest& request,
                                          const std::shared_ptr<spool::Spool>& spool);

}  // namespace freight::connectors
