#pragma once

#include <functional>
#include <memory>

#include "freight/connector_registry.hpp"

namespace freight {

/// Of a job whose databases are named by URL; see ConnectorRegistry::open_schema().
std::unique_ptr<SchemaConnection> open_schema_of(const JobSpec& spec, DatabaseUse use,
                                                 std::function<void()> watch);

}  // namespace freight
