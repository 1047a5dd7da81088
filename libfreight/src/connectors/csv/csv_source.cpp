#include "connectors/csv/csv_source.hpp"

#include <utility>
#include <variant>

#include "connectors/csv/csv_format.hpp"
#include "connectors/csv/dialect.hpp"
#include "connectors/csv/header.hpp"
#include "connectors/file/file_source.hpp"

namespace freight::csv {
namespace {

class CsvSource final : public file::FileSource {
 public:
  CsvSource(const JobSpec& spec, const CsvSourceSpec& source,
            const std::shared_ptr<spool::Spool>& spool)
      : FileSource(options_of(spec.batch, source, spool)),
        spec_(spec),
        max_record_bytes_(source.max_record_bytes) {}

 private:
  Contents examine(const file::InputFile& file, const std::stop_token& stop) override {
    Header header = read_header(file, spec_, stop);
    return {.start = {.offset = header.data_offset, .line = header.data_line},
            .format = std::make_unique<CsvFormat>(
                Dialect(header.dialect), std::move(header.names),
                CsvFormat::Options{.max_record_bytes = max_record_bytes_,
                                   .encoding = header.encoding,
                                   .is_of_utf16 = file.places() != nullptr,
                                   .passed_over = header.passed_over}),
            .footer_rows = header.dialect.footer_rows,
            .description = {.warnings = std::move(header.warnings)}};
  }

  const JobSpec spec_;
  const std::uint64_t max_record_bytes_;
};

}  // namespace
}  // namespace freight::csv

namespace freight::connectors {

std::unique_ptr<Source> make_csv_source(const ConnectorRequest& request,
                                        const std::shared_ptr<spool::Spool>& spool) {
  return std::make_unique<csv::CsvSource>(request.spec,
                                          std::get<CsvSourceSpec>(request.spec.source), spool);
}

}  // namespace freight::connectors
