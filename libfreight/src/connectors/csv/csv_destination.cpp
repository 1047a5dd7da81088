#include "connectors/csv/csv_destination.hpp"

#include "connectors/csv/csv_rows.hpp"
#include "connectors/file_output/file_destination.hpp"

namespace freight::connectors {

std::unique_ptr<Destination> make_csv_destination(const JobSpec& spec, JobId job_id) {
  const auto& destination = std::get<CsvDestinationSpec>(spec.destination);
  return file::make_file_destination(
      spec, job_id, destination.path,
      std::make_unique<csv::CsvRows>(
          csv::CsvRows::Options{.delimiter = destination.delimiter, .header = destination.header}));
}

}  // namespace freight::connectors
