#pragma once

#include "freight/connector_registry.hpp"

namespace freight::daemon {

class Blobs;
class Connections;

/// The default connectors, for specs that name uploads and connections (SpecOptions::references).
/// `blobs` and `connections` must outlive the registry and what it makes.
ConnectorRegistry tenant_connectors(Blobs& blobs, Connections& connections,
                                    const ConnectorOptions& options);

}  // namespace freight::daemon
