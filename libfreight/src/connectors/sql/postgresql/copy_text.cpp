#include "connectors/sql/postgresql/copy_text.hpp"

#include <array>

namespace freight::sql {
namespace {

// What stands after the backslash for a byte that COPY cannot take as it is; 0 for all others.
constexpr std::array<char, 256> escapes() {
  std::array<char, 256> table{};
  table['\\'] = '\\';
  table['\t'] = 't';
  table['\n'] = 'n';
  table['\r'] = 'r';
  return table;
}

constexpr std::array<char, 256> escape_of = escapes();

void append_escaped(std::string& out, std::string_view value) {
  std::size_t copied = 0;
  for (std::size_t index = 0; index < value.size(); ++index) {
    const char escape = escape_of[static_cast<unsigned char>(value[index])];
    if (escape == 0) continue;
    out.append(value, copied, index - copied);
    out += '\\';
    out += escape;
    copied = index + 1;
  }
  out.append(value, copied);
}

}  // namespace

void CopyText::assign(const OutputBatch& rows) {
  text_.clear();
  begins_.clear();
  const std::size_t columns = rows.columns.size();
  for (std::size_t row = 0; row < rows.rows(); ++row) {
    begins_.push_back(text_.size());
    const Value* values = rows.row(row);
    for (std::size_t column = 0; column < columns; ++column) {
      if (column > 0) text_ += '\t';
      if (values[column].is_null()) {
        text_ += "\\N";
      } else {
        append_escaped(text_, values[column].text());
      }
    }
    text_ += '\n';
  }
  begins_.push_back(text_.size());
}

std::vector<std::string_view> CopyText::pieces(std::span<const std::uint32_t> rows) const {
  std::vector<std::string_view> pieces;
  for (std::size_t first = 0; first < rows.size();) {
    std::size_t last = first + 1;
    while (last < rows.size() && rows[last] == rows[last - 1] + 1) ++last;
    const std::size_t begin = begins_[rows[first]];
    const std::size_t end = begins_[rows[last - 1] + 1];
    pieces.push_back(std::string_view(text_).substr(begin, end - begin));
    first = last;
  }
  return pieces;
}

}  // namespace freight::sql
