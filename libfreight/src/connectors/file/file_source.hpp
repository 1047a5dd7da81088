#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>

#include "connectors/file/input_file.hpp"
#include "connectors/file/range_planner.hpp"
#include "connectors/file/range_reader.hpp"
#include "connectors/file/record_format.hpp"
#include "connectors/file/spool/spool.hpp"
#include "freight/source.hpp"

namespace freight::file {

/// A source over a file on this machine, packed or not, or over standard input, of any format
/// whose records can be told apart. Opens
/// nothing before the first call of describe(), fingerprint(), plan(), read() or decode(); then the
/// file stays open, so all parts of a job read one file even when another takes its name.
class FileSource : public Source {
 public:
  SourceDescription describe(ConnectorContext& context) final;
  std::string fingerprint(ConnectorContext& context) final;
  PlanChunk plan(std::string_view position, const PlanLimits& limits,
                 ConnectorContext& context) final;
  void read(const BatchRange& range, RecordBatch& batch, ConnectorContext& context) final;
  void decode(std::span<const RawRecord> records, RecordBatch& batch,
              ConnectorContext& context) final;
  std::optional<std::uint64_t> count(ConnectorContext& context) final;

 protected:
  struct Options {
    std::filesystem::path path;
    Compression compression = Compression::automatic;
    Encoding encoding = Encoding::utf_8;
    /// Where the text of what is packed is laid out.
    std::shared_ptr<spool::Spool> spool;
    /// Of records.
    std::optional<std::uint64_t> limit;
    RangeReaderOptions reading;
  };

  /// Those of a spec of a file: CsvSourceSpec and its like.
  template <typename Spec>
  static Options options_of(const BatchSpec& batch, const Spec& source,
                            const std::shared_ptr<spool::Spool>& spool) {
    return {.path = source.path,
            .compression = source.compression,
            .encoding = source.encoding,
            .spool = spool,
            .limit = source.limit,
            .reading = range_reader_options(batch, source.max_record_bytes)};
  }

  /// What a look at the file tells.
  struct Contents {
    /// Where the records begin.
    PlanPosition start;
    std::unique_ptr<const RecordFormat> format;
    /// PlannerOptions::footer_rows.
    std::uint64_t footer_rows = 0;
    /// Without what follows from the file and its format: fields and bytes_total.
    SourceDescription description;
  };

  explicit FileSource(Options options);

  /// Called once, before anything is read.
  virtual Contents examine(const InputFile& file, const std::stop_token& stop) = 0;

  /// For use_fields(): the records are read in another format from now on.
  void change_format(std::unique_ptr<const RecordFormat> format);

 private:
  /// The file, which is there, and what is known of it.
  struct Opened {
    std::shared_ptr<const InputFile> file;
    Contents contents;
  };

  const Opened& open(const ConnectorContext& context);

  const Options options_;
  std::mutex mutex_;
  std::unique_ptr<Opened> opened_;
};

}  // namespace freight::file
