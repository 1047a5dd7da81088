#include "freight/connector.hpp"

namespace freight {

ConnectorRegistry default_connectors() {
  ConnectorRegistry registry;
  return registry;
}

}  // namespace freight
