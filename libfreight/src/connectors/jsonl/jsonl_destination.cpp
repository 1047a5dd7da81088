#include "connectors/jsonl/jsonl_destination.hpp"

#include "connectors/file_output/file_destination.hpp"
#include "connectors/jsonl/jsonl_rows.hpp"

namespace freight::connectors {

std::unique_ptr<Destination> make_jsonl_destination(const JobSpec& spec, JobId job_id) {
  return file::make_file_destination(spec, job_id,
                                     std::get<JsonlDestinationSpec>(spec.destination).path,
                                     std::make_unique<jsonl::JsonlRows>());
}

}  // namespace freight::connectors
