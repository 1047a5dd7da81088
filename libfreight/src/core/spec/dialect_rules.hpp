#pragma once

#include "core/spec/object_reader.hpp"
#include "freight/job_spec.hpp"

namespace freight::core::spec {

/// Reads `source.dialect` and adds the resolved dialect to the source's.
CsvDialect read_dialect(ObjectReader& source);

/// Reads `delimiter` of a dialect, whose object is `given`, or nullptr without one.
char read_delimiter(ObjectReader& dialect, const JsonObject* given);

}  // namespace freight::core::spec
