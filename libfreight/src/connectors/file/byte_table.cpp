#include "connectors/file/byte_table.hpp"

#include <iconv.h>

#include <algorithm>
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
    case Encoding::windows_1253:
      return "CP1253";
    case Encoding::windows_1257:
      return "CP1257";
    case Encoding::macroman:
      return "MACINTOSH";
    default:
      return "IBM850";
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
                {.hint = "Use a machine that has the C library's conversions (a container may lack "
                         "them), or convert the file to UTF-8."});
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

/// What windows-1252 has at 0x80 to 0x9F, 0 where it has nothing; elsewhere it is ISO 8859-1.
constexpr std::array<std::uint16_t, 32> windows_1252_specials{
    0x20AC, 0,      0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
    0x2039, 0x0152, 0,      0x017D, 0,      0,      0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
    0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0,      0x017E, 0x0178};

struct Difference {
  std::size_t value;
  std::uint16_t code_point;
};
/// Where ISO 8859-15 differs from ISO 8859-1.
constexpr std::array<Difference, 8> iso_8859_15_differences{{{0xA4, 0x20AC},
                                                             {0xA6, 0x0160},
                                                             {0xA8, 0x0161},
                                                             {0xB4, 0x017D},
                                                             {0xB8, 0x017E},
                                                             {0xBC, 0x0152},
                                                             {0xBD, 0x0153},
                                                             {0xBE, 0x0178}}};

/// The western encodings, which hints need as well, ask no library: it may lack its conversions.
ByteTable western_table(Encoding encoding) {
  ByteTable table{};
  for (std::size_t value = 0; value < table.size(); ++value) {
    table[value] = static_cast<std::uint16_t>(value);
  }
  if (encoding == Encoding::windows_1252) {
    std::copy(windows_1252_specials.begin(), windows_1252_specials.end(),
              table.begin() + first_beyond_ascii);
  }
  if (encoding == Encoding::iso_8859_15) {
    for (const auto& [value, code_point] : iso_8859_15_differences) table[value] = code_point;
  }
  return table;
}

ByteTable make_table(Encoding encoding) {
  if (encoding == Encoding::windows_1252 || encoding == Encoding::iso_8859_1 ||
      encoding == Encoding::iso_8859_15) {
    return western_table(encoding);
  }
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
