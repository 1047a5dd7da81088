#include "connectors/sql/sqlite/sqlite_source_values.hpp"

#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <optional>
#include <string_view>

#include "connectors/sql/source/source_records.hpp"
#include "core/hex.hpp"
#include "core/utf8.hpp"
#include "freight/error.hpp"

namespace freight::sql {
namespace {

using core::binary_prefix;
using database::SqliteStatement;
using Storage = SqliteStatement::Storage;

// Of a 64-bit integer, and of the shortest text of a double, with its ".0".
constexpr std::size_t number_bytes = 32;

std::string hex(std::string_view bytes) {
  std::string out(bytes.size() * 2, '\0');
  core::write_hex(bytes, out.data());
  return out;
}

[[noreturn]] void throw_damaged() {
  throw Error(Code::internal, "The plan's key is not one of an SQLite source.");
}

std::string unhex(std::string_view text) {
  std::string bytes(text.size() / 2, '\0');
  if (!core::read_hex(text, bytes.data())) throw_damaged();
  return bytes;
}

template <typename Number>
Number number_of(std::string_view text, int base) {
  Number number = 0;
  const char* const end = text.data() + text.size();
  if (std::from_chars(text.data(), end, number, base).ptr != end) throw_damaged();
  return number;
}

void bind_parameter(SqliteStatement& statement, int place, const SqlParameter& parameter) {
  if (!parameter.text) {
    statement.bind_null(place);
    return;
  }
  const std::string& text = *parameter.text;
  const char* const end = text.data() + text.size();
  if (parameter.type == ValueType::boolean) {
    statement.bind_integer(place, text == "true" ? 1 : 0);
    return;
  }
  if (parameter.type == ValueType::integer) {
    std::int64_t number = 0;
    if (std::from_chars(text.data(), end, number).ptr == end) {
      statement.bind_integer(place, number);
      return;
    }
  }
  if (parameter.type == ValueType::number || parameter.type == ValueType::decimal) {
    double number = 0;
    if (std::from_chars(text.data(), end, number).ptr == end) {
      statement.bind_real(place, number);
      return;
    }
  }
  statement.bind_text(place, text);
}

SourceField field_of(const char* data, std::size_t size, FieldKind kind) {
  return {.data = data, .size = static_cast<std::uint32_t>(size), .kind = kind};
}

SourceField integer_field(std::int64_t value, TextArena& arena) {
  char* const out = arena.allocate(number_bytes);
  const auto size =
      static_cast<std::size_t>(std::to_chars(out, out + number_bytes, value).ptr - out);
  arena.shrink_last(number_bytes, size);
  return field_of(out, size, FieldKind::integer);
}

// The shortest text that is this very number again, with a point or an exponent as SQLite writes
// it.
SourceField real_field(double value, TextArena& arena) {
  if (std::isinf(value)) {
    const std::string_view text = arena.copy(value < 0 ? "-Infinity" : "Infinity");
    return field_of(text.data(), text.size(), FieldKind::string);
  }
  char* const out = arena.allocate(number_bytes);
  char* end = std::to_chars(out, out + number_bytes - 2, value).ptr;
  const std::string_view text(out, static_cast<std::size_t>(end - out));
  if (text.find_first_of(".e") == std::string_view::npos) {
    *end++ = '.';
    *end++ = '0';
  }
  const auto size = static_cast<std::size_t>(end - out);
  arena.shrink_last(number_bytes, size);
  return field_of(out, size, FieldKind::decimal);
}

SourceField blob_field(std::string_view bytes, TextArena& arena) {
  const std::size_t size = binary_prefix.size() + bytes.size() * 2;
  char* const out = arena.allocate(size);
  binary_prefix.copy(out, binary_prefix.size());
  core::write_hex(bytes, out + binary_prefix.size());
  return field_of(out, size, FieldKind::binary);
}

// Adds to the row's length what the value is long; a value with which the record would be too long
// is left out.
SourceField read_field(const SqliteStatement& row, int column, TextArena& arena,
                       RowLength& length) {
  switch (row.storage(column)) {
    case Storage::integer:
      return integer_field(row.integer(column), arena);
    case Storage::real:
      return real_field(row.real(column), arena);
    case Storage::text: {
      const std::string_view text = row.text(column);
      length.bytes += text.size();
      if (length.is_too_long()) return {};
      return field_of(arena.copy(text).data(), text.size(), FieldKind::string);
    }
    case Storage::blob: {
      const std::string_view blob = row.blob(column);
      length.bytes += binary_prefix.size() + 2 * std::uint64_t{blob.size()};
      if (length.is_too_long()) return {};
      return blob_field(blob, arena);
    }
    case Storage::null:
      break;
  }
  return {.data = nullptr, .size = 0, .kind = FieldKind::null};
}

}  // namespace

std::string sqlite_key_value(const SqliteStatement& row, int column) {
  switch (row.storage(column)) {
    case Storage::integer:
      return 'i' + std::to_string(row.integer(column));
    case Storage::real: {
      std::array<char, 16> text{};
      const auto bits = std::bit_cast<std::uint64_t>(row.real(column));
      return 'r' + std::string(text.data(),
                               std::to_chars(text.data(), text.data() + text.size(), bits, 16).ptr);
    }
    case Storage::text: {
      const std::string_view text = row.text(column);
      if (!core::is_valid_utf8(text)) return 'x' + hex(text);
      return 't' + std::string(text);
    }
    case Storage::blob:
      return 'b' + hex(row.blob(column));
    case Storage::null:
      break;
  }
  throw Error(Code::key_not_unique, "A column of the source's key is NULL.");
}

SqliteBindings::SqliteBindings(std::span<const SqlParameter> parameters,
                               std::span<const std::string> bounds)
    : parameters_(parameters) {
  for (const std::string& bound : bounds) {
    if (bound.empty()) throw_damaged();
    const bool is_hex = bound.front() == 'b' || bound.front() == 'x';
    kinds_.push_back(bound.front());
    texts_.push_back(is_hex ? unhex(std::string_view(bound).substr(1)) : bound.substr(1));
  }
}

void SqliteBindings::bind(SqliteStatement& statement) const {
  int place = 0;
  for (const SqlParameter& parameter : parameters_) bind_parameter(statement, ++place, parameter);
  for (std::size_t index = 0; index < texts_.size(); ++index) {
    ++place;
    const std::string& text = texts_[index];
    switch (kinds_[index]) {
      case 'i':
        statement.bind_integer(place, number_of<std::int64_t>(text, 10));
        break;
      case 'r':
        statement.bind_real(place, std::bit_cast<double>(number_of<std::uint64_t>(text, 16)));
        break;
      case 'b':
        statement.bind_blob(place, text);
        break;
      case 't':
      case 'x':
        statement.bind_text(place, text);
        break;
      default:
        throw_damaged();
    }
  }
}

void SqliteRowAppender::append(const SqliteStatement& row, std::uint64_t ordinal) {
  const std::size_t width = batch_.layout->size();
  SourceRecord& record = batch_.records.emplace_back();
  record.ordinal = ordinal;
  const std::size_t first = batch_.fields.size();
  batch_.fields.resize(first + width);
  RowLength length{.bytes = 0, .most = max_record_bytes_};
  std::optional<std::size_t> invalid;
  for (std::size_t column = 0; column < width; ++column) {
    SourceField& field = batch_.fields[first + column];
    field = read_field(row, static_cast<int>(column), batch_.arena, length);
    if (!invalid && field.kind == FieldKind::string && !core::is_valid_utf8(field.text())) {
      invalid = column;
    }
  }
  if (length.is_too_long()) {
    reject_last_record(batch_, too_long(length), length.bytes);
  } else if (invalid) {
    reject_last_record(
        batch_, not_utf8((*batch_.layout)[*invalid], batch_.fields[first + *invalid].text()));
  }
}

}  // namespace freight::sql
