#include "connectors/csv/csv_destination.hpp"
#include "connectors/csv/csv_source.hpp"
#include "connectors/inline/inline_source.hpp"
#include "connectors/jsonl/jsonl_destination.hpp"
#include "connectors/jsonl/jsonl_source.hpp"
#include "connectors/null/null_destination.hpp"
#include "defaults/sql_destination.hpp"
#include "defaults/sql_source.hpp"
#include "freight/connector.hpp"

namespace freight {

ConnectorRegistry default_connectors() {
  ConnectorRegistry registry;
  registry.add_source("csv", &connectors::make_csv_source);
  registry.add_source("inline", &connectors::make_inline_source);
  registry.add_source("sql", &make_sql_source);
  registry.add_destination("csv", &connectors::make_csv_destination);
  registry.add_destination("jsonl", &connectors::make_jsonl_destination);
  registry.add_source("jsonl", &connectors::make_jsonl_source);
  registry.add_destination("null", &connectors::make_null_destination);
  registry.add_destination("sql", &make_sql_destination);
  return registry;
}

}  // namespace freight
