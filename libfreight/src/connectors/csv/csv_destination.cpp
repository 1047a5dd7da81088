#include "connectors/csv/csv_destination.hpp"

#include "connectors/csv/csv_rows.hpp"
#include "connectors/file_output/file_destination.hpp"

namespace freight::connectors {

std::unique_ptr<Destination> make_csv_destination(const ConnectorRequest& request) {
  const auto& destination = std::get<CsvDestinationSpec>(request.spec.destination);
  return file::make_file_destination(
      request.spec, request.job_id, destination.path,
      std::make_unique<csv::CsvRows>(
          csv::CsvRows::Options{.delimiter = destination.delimiter, .header = destination.header}));
}

}  // namespace freight::connectors
