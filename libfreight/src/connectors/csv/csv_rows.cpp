#include "connectors/csv/csv_rows.hpp"

#include <array>

namespace freight::csv {
namespace {

/// Counts line ends outside of quotes: what CsvRows writes has quotes nowhere else.
class CsvCounter final : public file::RowFormat::Counter {
 public:
  explicit CsvCounter(bool header) : lines_of_header_(header ? 1 : 0) {}

  void add(std::string_view piece) override {
    for (const char byte : piece) {
      if (byte == '"') {
        quoted_ = !quoted_;
      } else if (byte == '\n' && !quoted_) {
        ++lines_;
      }
    }
  }

  std::uint64_t records() const override {
    return lines_ > lines_of_header_ ? lines_ - lines_of_header_ : 0;
  }

 private:
  const std::uint64_t lines_of_header_;
  std::uint64_t lines_ = 0;
  bool quoted_ = false;
};

}  // namespace

std::string CsvRows::header(const std::vector<OutputColumn>& columns) const {
  std::string line;
  if (!options_.header || columns.empty()) return line;
  for (std::size_t index = 0; index < columns.size(); ++index) {
    if (index > 0) line += options_.delimiter;
    append_text(columns[index].name, line);
  }
  line += '\n';
  return line;
}

void CsvRows::append(const OutputBatch& rows, std::string& out) const {
  const std::size_t width = rows.columns.size();
  for (std::size_t row = 0; row < rows.rows(); ++row) {
    const Value* const values = rows.row(row);
    for (std::size_t column = 0; column < width; ++column) {
      if (column > 0) out += options_.delimiter;
      if (!values[column].is_null()) append_text(values[column].text(), out);
    }
    out += '\n';
  }
}

void CsvRows::append_text(std::string_view text, std::string& out) const {
  const std::array<char, 5> special{options_.delimiter, '"', '\r', '\n', '\0'};
  if (!text.empty() && text.find_first_of(std::string_view(special.data(), special.size())) ==
                           std::string_view::npos) {
    out += text;
    return;
  }
  out += '"';
  for (auto quote = text.find('"'); quote != std::string_view::npos; quote = text.find('"')) {
    out += text.substr(0, quote + 1);
    out += '"';
    text.remove_prefix(quote + 1);
  }
  out += text;
  out += '"';
}

std::unique_ptr<file::RowFormat::Counter> CsvRows::counter() const {
  return std::make_unique<CsvCounter>(options_.header);
}

}  // namespace freight::csv
