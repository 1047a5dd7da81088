#include "connectors/file/byte_table.hpp"

#include <iconv.h>

#include <cstddef>
#include <mutex>
#include <string>

#include "connectors/file/text_encoding.hpp"
#include "core/spec/encodings.hpp"
#include "freight/error.hpp"

namespace freight::file {
namespace {

constexpr std::size_t first_beyond_ascii = 0x80;

/// What the C library calls the encoding.
const char* library_name(Encoding encoding) {
  switch (encoding) {
    case Encoding::windows_1250:
      return "CP1250";
    case Encoding::windows_1251:
      return "CP1251";
    case Encoding::windows_1252:
      return "CP1252";
    case Encoding::windows_1253:
      return "CP1253";
    case Encoding::windows_1257:
      return "CP1257";
    case Encoding::iso_8859_15:
      return "ISO-8859-15";
    case Encoding::macroman:
      return "MACINTOSH";
    case Encoding::ibm850:
      return "IBM850";
    default:
      return "ISO-8859-1";
  }
}

/// A conversion of the C library to UTF-16.
class Conversion {
 public:
  explicit Conversion(Encoding encoding)
      : handle_(::iconv_open("UTF-16LE", library_name(encoding))) {
    // The value that it fails with is no pointer.
    if (reinterpret_cast<std::intptr_t>(handle_) != -1) return;
    throw Error(Code::source_unreadable,
                "The C library of this machine does not know the encoding " +
                    std::string(name_of(encoding)),
                {.hint = "Install its conversions (the package is libc-gconv-modules-extra with "
                         "Debian, glibc-gconv-extra with Fedora), or convert the file to UTF-8."});
  }
  ~Conversion() { ::iconv_close(handle_); }
  Conversion(const Conversion&) = delete;
  Conversion& operator=(const Conversion&) = delete;

  /// 0 for a byte without a character.
  std::uint16_t code_point(std::size_t value) {
    char byte = static_cast<char>(value);
    std::array<char, 4> unit{};
    char* from = &byte;
    char* to = unit.data();
    std::size_t left = 1;
    std::size_t room = unit.size();
    ::iconv(handle_, nullptr, nullptr, nullptr, nullptr);
    if (::iconv(handle_, &from, &left, &to, &room) != 0 || room != 2) return 0;
    const auto low = static_cast<unsigned char>(unit[0]);
    const auto high = static_cast<unsigned char>(unit[1]);
    return static_cast<std::uint16_t>(low | (high << 8U));
  }

 private:
  ::iconv_t handle_;
};

ByteTable make_table(Encoding encoding) {
  Conversion conversion(encoding);
  ByteTable table{};
  for (std::size_t value = 0; value < table.size(); ++value) {
    table[value] = value < first_beyond_ascii ? static_cast<std::uint16_t>(value)
                                              : conversion.code_point(value);
  }
  if (encoding == Encoding::macroman) {
    // Apple's own table: the C library has a Greek letter and a character of private use of its
    // own.
    table[0xC6] = 0x2206;
    table[0xF0] = 0xF8FF;
  }
  return table;
}

}  // namespace

const ByteTable& byte_table(Encoding encoding) {
  struct Entry {
    std::once_flag made;
    ByteTable table{};
  };
  static std::array<Entry, core::spec::encodings.size()> entries;
  Entry& entry = entries.at(static_cast<std::size_t>(encoding));
  std::call_once(entry.made, [&] { entry.table = make_table(encoding); });
  return entry.table;
}

}  // namespace freight::file
