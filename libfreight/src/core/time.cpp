#include "freight/time.hpp"

#include <array>
#include <cstdio>

namespace freight {
namespace {

class SystemClock final : public Clock {
 public:
  Timestamp now() const override {
    return std::chrono::time_point_cast<std::chrono::microseconds>(
        std::chrono::system_clock::now());
  }
  std::chrono::steady_clock::time_point steady_now() const override {
    return std::chrono::steady_clock::now();
  }
};

/// Takes a text apart from its front; every step says whether it fitted.
class TextReader {
 public:
  explicit TextReader(std::string_view text) : text_(text) {}

  bool digits(std::size_t count, int& number) {
    if (text_.size() < count) return false;
    number = 0;
    for (const char character : text_.substr(0, count)) {
      if (!is_digit(character)) return false;
      number = number * 10 + (character - '0');
    }
    text_.remove_prefix(count);
    return true;
  }

  bool one_of(std::string_view characters, char& found) {
    if (text_.empty() || characters.find(text_.front()) == std::string_view::npos) return false;
    found = text_.front();
    text_.remove_prefix(1);
    return true;
  }

  bool character(char wanted) {
    char found = 0;
    return one_of(std::string_view(&wanted, 1), found);
  }

  /// `.` and one to six digits, or nothing.
  bool fraction(int& microseconds) {
    microseconds = 0;
    if (!character('.')) return true;
    int unit = 100'000;
    std::size_t count = 0;
    while (count < text_.size() && is_digit(text_[count])) {
      if (count == 6) return false;
      microseconds += (text_[count] - '0') * unit;
      unit /= 10;
      ++count;
    }
    text_.remove_prefix(count);
    return count > 0;
  }

  bool at_end() const { return text_.empty(); }

 private:
  static bool is_digit(char character) { return character >= '0' && character <= '9'; }

  std::string_view text_;
};

std::optional<std::chrono::minutes> parse_zone(TextReader& reader) {
  char sign = 0;
  if (!reader.one_of("Zz+-", sign)) return std::nullopt;
  if (sign == 'Z' || sign == 'z') return std::chrono::minutes{0};
  int hours = 0;
  int minutes = 0;
  if (!reader.digits(2, hours) || !reader.character(':') || !reader.digits(2, minutes))
    return std::nullopt;
  if (hours > 23 || minutes > 59) return std::nullopt;
  const auto offset = std::chrono::hours{hours} + std::chrono::minutes{minutes};
  return sign == '+' ? offset : -offset;
}

}  // namespace

std::string format_timestamp(Timestamp time) {
  using namespace std::chrono;
  const auto day = floor<days>(time);
  const year_month_day date{day};
  const hh_mm_ss<microseconds> clock{time - day};
  std::array<char, 64> text{};
  const int length = std::snprintf(
      text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02d.%06dZ",
      static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
      static_cast<unsigned>(date.day()), static_cast<int>(clock.hours().count()),
      static_cast<int>(clock.minutes().count()), static_cast<int>(clock.seconds().count()),
      static_cast<int>(clock.subseconds().count()));
  return {text.data(), static_cast<std::size_t>(length)};
}

std::optional<Timestamp> parse_timestamp(std::string_view text) {
  TextReader reader(text);
  int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0, microsecond = 0;
  char separator = 0;
  if (!reader.digits(4, year) || !reader.character('-') || !reader.digits(2, month) ||
      !reader.character('-') || !reader.digits(2, day) || !reader.one_of("Tt ", separator) ||
      !reader.digits(2, hour) || !reader.character(':') || !reader.digits(2, minute) ||
      !reader.character(':') || !reader.digits(2, second) || !reader.fraction(microsecond)) {
    return std::nullopt;
  }
  const auto zone = parse_zone(reader);
  if (!zone || !reader.at_end()) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year{year},
                                         std::chrono::month{static_cast<unsigned>(month)},
                                         std::chrono::day{static_cast<unsigned>(day)}};
  if (!date.ok() || hour > 23 || minute > 59 || second > 59) return std::nullopt;
  return std::chrono::sys_days{date} + std::chrono::hours{hour} + std::chrono::minutes{minute} +
         std::chrono::seconds{second} + std::chrono::microseconds{microsecond} - *zone;
}

const Clock& system_clock() {
  static const SystemClock clock;
  return clock;
}

}  // namespace freight
