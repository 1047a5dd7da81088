#include "connectors/json_array/json_source.hpp"

#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "connectors/file/byte_order_mark.hpp"
#include "connectors/file/file_source.hpp"
#include "connectors/file/input_file.hpp"
#include "connectors/file/text_encoding.hpp"
#include "connectors/json/key_discovery.hpp"
#include "connectors/json/record_layout.hpp"
#include "connectors/json_array/array_format.hpp"
#include "connectors/json_array/array_place.hpp"
#include "connectors/json_array/array_scanner.hpp"

namespace freight::json_array {
namespace {

class JsonSource final : public file::FileSource {
 public:
  JsonSource(const JobSpec& spec, const JsonSourceSpec& source,
             const std::shared_ptr<spool::Spool>& spool)
      : FileSource(options_of(spec.batch, source, spool)),
        source_(source),
        text_{.encoding = source.encoding, .max_record_bytes = source.max_record_bytes},
        keys_must_be_known_(json::keys_must_be_known(spec)),
        minds_extra_fields_(json::minds_extra_fields(spec)) {}

  void use_fields(std::vector<std::string> fields) override {
    change_format(format_of(std::move(fields)));
  }

 private:
  Contents examine(const file::InputFile& file, const std::stop_token& stop) override {
    SourceDescription description{.open_fields = true, .typed = true};
    const std::uint64_t mark = file::byte_order_mark_size(
        file, file::text_encoding(source_.encoding), description.warnings);
    array_ = find_array(
        file, {.offset = mark},
        {.pointer = source_.records_pointer, .encoding = file::text_encoding(source_.encoding)},
        stop);
    std::vector<std::string> keys;
    if (keys_must_be_known_) {
      ArrayScanner scanner(array_, source_.max_record_bytes, array_.begin);
      keys = json::discover_keys(file, scanner, text_, source_.limit, stop);
    }
    return {.start = {.offset = array_.begin.offset, .line = array_.begin.line},
            .format = format_of(std::move(keys)),
            .description = std::move(description)};
  }

  std::unique_ptr<const ArrayFormat> format_of(std::vector<std::string> fields) const {
    return std::make_unique<ArrayFormat>(
        array_, text_, json::RecordLayout(std::move(fields), minds_extra_fields_));
  }

  const JsonSourceSpec source_;
  const json::RecordText text_;
  const bool keys_must_be_known_;
  const bool minds_extra_fields_;
  /// Known when the file was examined.
  ArrayPlace array_;
};

}  // namespace
}  // namespace freight::json_array

namespace freight::connectors {

std::unique_ptr<Source> make_json_source(const ConnectorRequest& request,
                                         const std::shared_ptr<spool::Spool>& spool) {
  return std::make_unique<json_array::JsonSource>(
      request.spec, std::get<JsonSourceSpec>(request.spec.source), spool);
}

}  // namespace freight::connectors
