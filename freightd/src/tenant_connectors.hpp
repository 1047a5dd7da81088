#pragma once

#include "freight/connector_registry.hpp"
#include "freight/storage.hpp"

namespace freight::daemon {

class Blobs;
class Connections;
class Reach;

/// The default connectors, for specs that name uploads and connections (SpecOptions::references).
/// What would write to `storage`, and files out of reach, are refused. All but the options must
/// outlive the registry and what it makes.
ConnectorRegistry tenant_connectors(const Storage& storage, Blobs& blobs, Connections& connections,
                                    const Reach& reach, const ConnectorOptions& options);

}  // namespace freight::daemon
