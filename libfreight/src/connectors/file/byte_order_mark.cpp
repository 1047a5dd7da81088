#include "connectors/file/byte_order_mark.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include "connectors/file/text_encoding.hpp"
#include "freight/error.hpp"

namespace freight::file {

namespace {

struct Packing {
  std::string_view first_bytes;
  std::string_view what;
  std::string_view hint;
};

constexpr std::array<Packing, 5> packings{{
    {"\x1F\x8B", "compressed with gzip", "Decompress it first, with `gunzip`."},
    {"PK\x03\x04", "a ZIP archive, as spreadsheets (.xlsx) are, too",
     "Take the file out of it, or save the spreadsheet as CSV."},
    {"\x28\xB5\x2F\xFD", "compressed with zstd", "Decompress it first, with `unzstd`."},
    {"\xFD"
     "7zXZ",
     "compressed with xz", "Decompress it first, with `unxz`."},
    {"BZh91A", "compressed with bzip2", "Decompress it first, with `bunzip2`."},
}};

void refuse_compressed(const InputFile& file, std::string_view start) {
  for (const Packing& packing : packings) {
    if (!start.starts_with(packing.first_bytes)) continue;
    throw Error(Code::source_unreadable,
                "The source " + file.path().string() + " is " + std::string(packing.what),
                {.hint = std::string(packing.hint)});
  }
}

}  // namespace

std::uint64_t byte_order_mark_size(const InputFile& file, Encoding encoding,
                                   std::vector<std::string>& warnings) {
  constexpr std::string_view mark = "\xEF\xBB\xBF";
  std::array<char, 6> bytes{};
  const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(file.size(), bytes.size()));
  file.read(0, {bytes.data(), size});
  const std::string_view start(bytes.data(), size);
  refuse_compressed(file, start);
  if (start.substr(0, 2) == "\xFF\xFE" || start.substr(0, 2) == "\xFE\xFF") {
    throw Error(Code::source_unreadable,
                "The source " + file.path().string() + " begins with the mark of UTF-16",
                {.hint = "Convert it to UTF-8, for example with `iconv -f UTF-16 -t UTF-8`."});
  }
  if (!start.starts_with(mark)) return 0;
  if (encoding != Encoding::utf_8) {
    warnings.push_back("The source begins with the mark of UTF-8, but source.encoding is " +
                       std::string(name_of(encoding)) + ": is it right?");
  }
  return mark.size();
}

}  // namespace freight::file
