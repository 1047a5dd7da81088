#include "connectors/jsonl/jsonl_source.hpp"

#include <algorithm>
#include <array>
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
#include "connectors/jsonl/jsonl_format.hpp"
#include "connectors/jsonl/line_scanner.hpp"

namespace freight::jsonl {
namespace {

bool begins_with_array(const file::InputFile& file, std::uint64_t offset) {
  std::array<char, 1024> bytes{};
  const auto size =
      static_cast<std::size_t>(std::min<std::uint64_t>(file.size() - offset, bytes.size()));
  file.read(offset, {bytes.data(), size});
  const std::string_view text(bytes.data(), size);
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  return first != std::string_view::npos && text[first] == '[';
}

class JsonlSource final : public file::FileSource {
 public:
  JsonlSource(const JobSpec& spec, const JsonlSourceSpec& source,
              const std::shared_ptr<spool::Spool>& spool)
      : FileSource(options_of(spec.batch, source, spool)),
        source_(source),
        keys_must_be_known_(json::keys_must_be_known(spec)),
        minds_extra_fields_(json::minds_extra_fields(spec)) {}

  void use_fields(std::vector<std::string> fields) override {
    change_format(format_of(std::move(fields)));
  }

 private:
  Contents examine(const file::InputFile& file, const std::stop_token& stop) override {
    SourceDescription description{.open_fields = true, .typed = true};
    // The first byte after the byte order mark.
    const std::uint64_t start = file::byte_order_mark_size(
        file, file::text_encoding(source_.encoding), description.warnings);
    if (begins_with_array(file, start)) {
      description.warnings.push_back(
          "The source begins with '[': JSONL has one object a line, not an array of them. Read an "
          "array with \"type\": \"json\".");
    }
    std::vector<std::string> keys;
    if (keys_must_be_known_) {
      LineScanner scanner(source_.max_record_bytes, {.offset = start});
      keys = json::discover_keys(
          file, scanner,
          {.encoding = source_.encoding, .max_record_bytes = source_.max_record_bytes},
          source_.limit, stop);
    }
    return {.start = {.offset = start},
            .format = format_of(std::move(keys)),
            .description = std::move(description)};
  }

  std::unique_ptr<const JsonlFormat> format_of(std::vector<std::string> fields) const {
    return std::make_unique<JsonlFormat>(
        source_, json::RecordLayout(std::move(fields), minds_extra_fields_));
  }

  const JsonlSourceSpec source_;
  const bool keys_must_be_known_;
  const bool minds_extra_fields_;
};

}  // namespace
}  // namespace freight::jsonl

namespace freight::connectors {

std::unique_ptr<Source> make_jsonl_source(const ConnectorRequest& request,
                                          const std::shared_ptr<spool::Spool>& spool) {
  return std::make_unique<jsonl::JsonlSource>(
      request.spec, std::get<JsonlSourceSpec>(request.spec.source), spool);
}

}  // namespace freight::connectors
