#pragma once

#include "core/spec/object_reader.hpp"
#include "freight/job_spec.hpp"

namespace freight::core::spec {

/// Reads `source.dialect` and adds the resolved dialect to the source's.
CsvDialect read_dialect(ObjectReader& source);

}  // namespace freight::core::spec
