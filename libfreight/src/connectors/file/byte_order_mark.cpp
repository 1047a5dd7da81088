#include "connectors/file/byte_order_mark.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include "connectors/file/spool/packing.hpp"
#include "connectors/file/text_encoding.hpp"
#include "freight/error.hpp"

namespace freight::file {

namespace {

void refuse_packed(const InputFile& file, std::string_view start) {
  const auto* const packing = spool::packing_of(start);
  if (packing == nullptr) return;
  throw spool::unpacking_error(file.path(), "is " + std::string(packing->what),
                               std::string(packing->hint));
}

}  // namespace

std::uint64_t byte_order_mark_size(const InputFile& file, Encoding encoding,
                                   std::vector<std::string>& warnings) {
  constexpr std::string_view mark = "\xEF\xBB\xBF";
  std::array<char, spool::packing_bytes> bytes{};
  const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(file.size(), bytes.size()));
  file.read(0, {bytes.data(), size});
  const std::string_view start(bytes.data(), size);
  refuse_packed(file, start);
  if (start.substr(0, 2) == "\xFF\xFE" || start.substr(0, 2) == "\xFE\xFF") {
    throw Error(Code::source_unreadable,
                "The source " + file.path().string() + " begins with the mark of UTF-16",
                {.hint = std::string("Set \"encoding\": \"utf-16") +
                         (start[0] == '\xFF' ? "le" : "be") + "\" in the source."});
  }
  if (!start.starts_with(mark)) return 0;
  if (encoding != Encoding::utf_8) {
    warnings.push_back("The source begins with the mark of UTF-8, but source.encoding is " +
                       std::string(name_of(encoding)) + ": is it right?");
  }
  return mark.size();
}

}  // namespace freight::file
