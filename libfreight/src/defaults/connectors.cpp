#include <algorithm>
#include <memory>
#include <thread>

#include "connectors/csv/csv_destination.hpp"
#include "connectors/csv/csv_source.hpp"
#include "connectors/file/many_files.hpp"
#include "connectors/file/named_files.hpp"
#include "connectors/file/spool/spool.hpp"
#include "connectors/inline/inline_source.hpp"
#include "connectors/json_array/json_source.hpp"
#include "connectors/jsonl/jsonl_destination.hpp"
#include "connectors/jsonl/jsonl_source.hpp"
#include "connectors/null/null_destination.hpp"
#include "defaults/schema_connection.hpp"
#include "defaults/sql_destination.hpp"
#include "defaults/sql_source.hpp"
#include "freight/connector_registry.hpp"

namespace freight {

namespace {

/// One more than there are processors work on batches, and two on what else there is.
std::size_t default_connections() {
  return std::max<std::size_t>(std::thread::hardware_concurrency(), 1) + 3;
}

using MakeFileSource = std::unique_ptr<Source> (*)(const ConnectorRequest&,
                                                   const std::shared_ptr<spool::Spool>&);

/// Makes sources of one file, and of several ones that are each made so.
ConnectorRegistry::SourceFactory file_source(MakeFileSource make,
                                             const std::shared_ptr<spool::Spool>& spool) {
  const auto make_one = [make, spool](const ConnectorRequest& request) {
    return make(request, spool);
  };
  return [make_one](const ConnectorRequest& request) -> std::unique_ptr<Source> {
    if (!file::names_several(*source_file(request.spec.source))) return make_one(request);
    return std::make_unique<file::ManyFiles>(request, make_one);
  };
}

}  // namespace

ConnectorRegistry default_connectors(const ConnectorOptions& options) {
  const auto pools = std::make_shared<SqlPools>(options.connections > 0 ? options.connections
                                                                        : default_connections());
  const auto spool = std::make_shared<spool::Spool>(options.spool, options.allow_file);
  ConnectorRegistry registry;
  registry.add_source("csv", file_source(&connectors::make_csv_source, spool));
  registry.add_source("inline", &connectors::make_inline_source);
  registry.add_source(
      "sql", [pools](const ConnectorRequest& request) { return make_sql_source(request, *pools); });
  registry.add_destination("csv", &connectors::make_csv_destination);
  registry.add_destination("jsonl", &connectors::make_jsonl_destination);
  registry.add_source("jsonl", file_source(&connectors::make_jsonl_source, spool));
  registry.add_source("json", file_source(&connectors::make_json_source, spool));
  registry.add_destination("null", &connectors::make_null_destination);
  registry.add_destination("sql", [pools](const ConnectorRequest& request) {
    return make_sql_destination(request, *pools);
  });
  registry.set_schema_factory(
      [](const ConnectorRequest& request, DatabaseUse use, std::function<void()> watch) {
        return open_schema_of(request.spec, use, std::move(watch));
      });
  return registry;
}

}  // namespace freight
