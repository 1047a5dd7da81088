#pragma once

#include <variant>

#include "freight/job_spec.hpp"

namespace freight::engine {

/// True when the job writes into a table in this way.
inline bool writes_by(const JobSpec& spec, WriteDisposition disposition) {
  const auto* const sql = std::get_if<SqlDestinationSpec>(&spec.destination);
  return sql != nullptr && sql->write_disposition == disposition;
}

}  // namespace freight::engine
