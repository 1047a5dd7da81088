#include "inspect/joined_files.hpp"

#include <algorithm>
#include <cstddef>
#include <memory>
#include <span>
#include <string_view>
#include <system_error>
#include <utility>
#include <variant>

#include "connectors/csv/header.hpp"
#include "connectors/file/input_file.hpp"
#include "connectors/file/printable.hpp"
#include "connectors/file/spool/byte_stream.hpp"
#include "connectors/file/spool/text_file.hpp"
#include "connectors/file/text_encoding.hpp"
#include "inspect/head.hpp"

namespace freight::inspect {
namespace {

constexpr std::size_t most_looked_into = 64;
constexpr std::uint64_t most_text = std::uint64_t{16} << 20U;

class TextStream final : public spool::ByteStream {
 public:
  explicit TextStream(std::string_view text) : rest_(text) {}

  std::size_t read(std::span<char> bytes) override {
    const std::size_t size = std::min(bytes.size(), rest_.size());
    std::copy_n(rest_.begin(), size, bytes.begin());
    rest_.remove_prefix(size);
    return size;
  }

 private:
  std::string_view rest_;
};

/// Some of so many, from the first to the last.
std::vector<std::size_t> spread(std::size_t count) {
  std::vector<std::size_t> chosen;
  const std::size_t looked_into = std::min(count, most_looked_into);
  for (std::size_t index = 0; index < looked_into; ++index) {
    chosen.push_back(looked_into == 1 ? 0 : index * (count - 1) / (looked_into - 1));
  }
  return chosen;
}

/// Takes what is behind the last whole line away.
void keep_lines(std::string& text, char line_end) {
  const std::size_t end = text.rfind(line_end);
  text.resize(end == std::string::npos ? 0 : end + 1);
}

class Joining {
 public:
  Joining(spool::Spool& spool, std::uint64_t bytes_of_file, char line_end)
      : spool_(spool), bytes_of_file_(bytes_of_file), line_end_(line_end) {}

  /// The first file with what comes before its first record.
  void begin(const std::filesystem::path& path, std::uint64_t header_bytes) {
    text_ = text_of(path);
    header_ = text_.substr(0, static_cast<std::size_t>(header_bytes));
  }

  void add(const std::filesystem::path& path) {
    const std::string text = text_of(path);
    if (!text.starts_with(header_)) {
      if (others_++ == 0) first_other_ = path;
      return;
    }
    ++joined_;
    if (!text_.empty() && text_.back() != line_end_) text_ += line_end_;
    text_.append(text, header_.size());
  }

  const std::string& text() const { return text_; }
  bool whole() const { return whole_ && others_ == 0; }

  std::string evidence(std::size_t files) const {
    std::string words = count_text(files) + (files == 1 ? " file" : " files") +
                        ", read as one; looked into " + count_text(1 + joined_ + others_);
    if (others_ > 0) {
      words += ", of which " + count_text(others_) + (others_ == 1 ? " begins" : " begin") +
               " unlike the first, as " + file::printable(first_other_.native()) +
               ": its values were not looked at, and it needs the same columns";
    }
    return words;
  }

 private:
  std::string text_of(const std::filesystem::path& path) {
    const auto beginning = spool_.open_beginning(path, bytes_of_file_);
    const std::uint64_t size = beginning.file->size();
    std::string text(static_cast<std::size_t>(std::min(size, bytes_of_file_)), '\0');
    beginning.file->read(0, text);
    if (size > bytes_of_file_ || !beginning.whole) {
      whole_ = false;
      keep_lines(text, line_end_);
    }
    return text;
  }

  spool::Spool& spool_;
  const std::uint64_t bytes_of_file_;
  const char line_end_;
  std::string header_;
  std::string text_;
  std::size_t joined_ = 0;
  std::size_t others_ = 0;
  std::filesystem::path first_other_;
  bool whole_ = true;
};

std::uint64_t size_of_all(const std::vector<std::filesystem::path>& files) {
  std::uint64_t size = 0;
  for (const auto& file : files) {
    std::error_code failed;
    const auto own = std::filesystem::file_size(file, failed);
    if (!failed) size += own;
  }
  return size;
}

/// Where the records begin; of JSON lines at once.
std::uint64_t header_bytes(const file::InputFile& file, const SourceSpec& source) {
  if (!std::holds_alternative<CsvSourceSpec>(source)) return 0;
  JobSpec spec;
  spec.source = source;
  return csv::read_header(file, spec, {}).data_offset;
}

}  // namespace

JoinedFiles join_files(spool::Spool& spool, const std::vector<std::filesystem::path>& files,
                       const Inspection& first, const InspectionLimits& limits) {
  JoinedFiles joined{.beginning = {}, .size = size_of_all(files)};
  const auto* const csv = std::get_if<CsvSourceSpec>(&first.source);
  const auto* const jsonl = std::get_if<JsonlSourceSpec>(&first.source);
  const Encoding encoding = csv != nullptr     ? csv->encoding
                            : jsonl != nullptr ? jsonl->encoding
                                               : Encoding::utf_8;
  const bool is_of_lines = csv != nullptr || jsonl != nullptr;
  if (files.size() == 1 || !is_of_lines || file::text_encoding(encoding) != encoding) {
    joined.whole = files.size() == 1;
    joined.evidence = count_text(files.size()) +
                      (files.size() == 1 ? " file" : " files, read as one; looked into the first");
    return joined;
  }
  const auto chosen = spread(files.size());
  const std::uint64_t bytes_of_file =
      std::max<std::uint64_t>(std::min(limits.bytes, most_text) / chosen.size(), 1);
  Joining joining(spool, bytes_of_file, csv != nullptr ? csv->dialect.line_terminator : '\n');
  joining.begin(files[0],
                header_bytes(*spool.open_beginning(files[0], limits.bytes).file, first.source));
  for (const std::size_t index : chosen) {
    if (index > 0) joining.add(files[index]);
  }
  TextStream text(joining.text());
  const std::string& laid_out = joining.text();
  joined.beginning.file = std::make_shared<const file::InputFile>(
      files[0].parent_path() / "*",
      spool.keep(text, "the beginnings of several files", laid_out.size()));
  joined.whole = joining.whole() && chosen.size() == files.size();
  joined.evidence = joining.evidence(files.size());
  return joined;
}

}  // namespace freight::inspect
