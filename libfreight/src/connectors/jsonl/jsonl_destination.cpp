#include "connectors/jsonl/jsonl_destination.hpp"

#include "connectors/file_output/file_destination.hpp"
#include "connectors/jsonl/jsonl_rows.hpp"

namespace freight::connectors {

std::unique_ptr<Destination> make_jsonl_destination(const ConnectorRequest& request) {
  return file::make_file_destination(request.spec, request.job_id,
                                     std::get<JsonlDestinationSpec>(request.spec.destination).path,
                                     std::make_unique<jsonl::JsonlRows>());
}

}  // namespace freight::connectors
