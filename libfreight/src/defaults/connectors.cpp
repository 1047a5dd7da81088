#include "defaults/sql_destination.hpp"
#include "freight/connector.hpp"

namespace freight {

ConnectorRegistry default_connectors() {
  ConnectorRegistry registry;
  registry.add_destination("sql", &make_sql_destination);
  return registry;
}

}  // namespace freight
