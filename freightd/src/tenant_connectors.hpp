#pragma once

#include "freight/connector_registry.hpp"
#include "freight/storage.hpp"

namespace freight::daemon {

class Blobs;
class Connections;

/// The default connectors, for specs that name uploads and connections (SpecOptions::references).
/// What would write to `storage` is refused. `storage`, `blobs` and `connections` must outlive the
/// registry and what it makes.
ConnectorRegistry tenant_connectors(const Storage& storage, Blobs& blobs, Connections& connections,
                                    const ConnectorOptions& options);

}  // namespace freight::daemon
