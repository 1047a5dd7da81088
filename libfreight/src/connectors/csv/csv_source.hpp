#pragma once

#include <memory>

#include "connectors/file/spool/spool.hpp"
#include "freight/connector_request.hpp"
#include "freight/source.hpp"

namespace freight::connectors {

/// A file::FileSource over a CSV file. `spec.source` must be a CsvSourceSpec.
std::unique_ptr<Source> make_csv_source(const ConnectorRequest& request,
                                        const std::shared_ptr<spool::Spool>& spool);

}  // namespace freight::connectors
