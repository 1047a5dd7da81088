#include "inspect/dialect_guess.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <string_view>
#include <tuple>

#include "connectors/csv/dialect.hpp"
#include "connectors/csv/field_cursor.hpp"
#include "connectors/csv/record_scanner.hpp"

namespace freight::inspect {
namespace {

constexpr std::array<char, 4> delimiters{',', ';', '\t', '|'};
constexpr std::size_t most_rows = 5000;
/// Lines before a table: titles, dates, notes.
constexpr std::uint64_t most_skipped_lines = 50;

struct TrialRow {
  std::uint64_t line = 1;
  std::size_t fields = 0;
  bool is_broken = false;
};

/// What a dialect makes of the head.
struct Trial {
  CsvDialect dialect;
  std::vector<TrialRow> rows;
  /// The number of fields that most rows have, and how many have it.
  std::size_t columns = 0;
  std::uint64_t fitting = 0;
  std::uint64_t broken = 0;
  /// Fields within the quote character.
  std::uint64_t quoted = 0;
  /// Physical lines before the first row that fits.
  std::uint64_t skipped = 0;

  double share() const {
    return rows.empty() ? 0 : static_cast<double>(fitting) / static_cast<double>(rows.size());
  }
};

/// Calls `visit` with each record of the head and its text.
template <typename Visit>
void for_each_record(std::string_view text, const CsvDialect& spec, Visit&& visit) {
  const csv::Dialect dialect(spec);
  csv::RecordScanner scanner(dialect, {});
  const file::Window window{.data = text.data(), .size = text.size(), .is_last = true};
  csv::ScannedRecord record;
  for (std::size_t count = 0; count < most_rows; ++count) {
    if (scanner.next(window, record) != csv::RecordScanner::Step::record) return;
    if (!visit(record, csv::FieldCursor(dialect, text.substr(record.offset, record.length))))
      return;
  }
}

void count_columns(Trial& trial) {
  std::map<std::size_t, std::uint64_t> counts;
  for (const TrialRow& row : trial.rows) {
    if (row.is_broken) {
      ++trial.broken;
    } else {
      ++counts[row.fields];
    }
  }
  for (const auto& [fields, count] : counts) {
    if (count >= trial.fitting) {
      trial.columns = fields;
      trial.fitting = count;
    }
  }
}

/// Drops what stands before the table: rows of fewer fields than it has.
void drop_preamble(Trial& trial) {
  if (trial.columns < 2) return;
  const auto first = std::find_if(trial.rows.begin(), trial.rows.end(), [&](const TrialRow& row) {
    return row.is_broken || row.fields >= trial.columns;
  });
  if (first == trial.rows.end() || first->line <= 1) return;
  if (first->line - 1 > most_skipped_lines) return;
  trial.skipped = first->line - 1;
  trial.rows.erase(trial.rows.begin(), first);
}

Trial try_dialect(std::string_view text, const CsvDialect& dialect) {
  Trial trial{.dialect = dialect};
  for_each_record(text, dialect, [&](const csv::ScannedRecord& record, csv::FieldCursor cursor) {
    TrialRow row{.line = record.line, .is_broken = record.fault != file::ScanFault::none};
    csv::FieldSlice field;
    while (cursor.next(field)) {
      ++row.fields;
      row.is_broken = row.is_broken || field.is_misplaced || field.is_open;
      if (field.is_quoted) ++trial.quoted;
    }
    trial.rows.push_back(row);
    return true;
  });
  count_columns(trial);
  drop_preamble(trial);
  return trial;
}

/// The better of two delimiters: one that parts the lines at all, without lines left over before
/// the table, in the most regular way, into the most columns.
bool is_better(const Trial& left, const Trial& right) {
  const auto rank = [](const Trial& trial) {
    const bool parts = trial.columns > 1;
    const bool is_regular = trial.share() >= 0.9;
    return std::make_tuple(parts && is_regular, parts && trial.share() > 0.5, trial.skipped == 0,
                           static_cast<int>(trial.share() * 50), trial.columns);
  };
  return rank(left) > rank(right);
}

/// What is within the quotes of the usual dialect but stands for quotes of another one.
std::vector<CsvDialect> other_quotes(std::string_view text, const CsvDialect& usual) {
  std::vector<CsvDialect> others;
  if (text.find("\\\"") != std::string_view::npos) {
    others.push_back(usual);
    others.back().escape_char = '\\';
  }
  const std::string opening{usual.delimiter, '\''};
  const std::string closing{'\'', usual.delimiter};
  if (text.find(opening) != std::string_view::npos &&
      text.find(closing) != std::string_view::npos) {
    others.push_back(usual);
    others.back().quote_char = '\'';
  }
  others.push_back(usual);
  others.back().quote_char.reset();
  return others;
}

/// Another quote is only taken where the usual one goes wrong, or quotes nothing.
Trial choose_quotes(std::string_view text, Trial usual) {
  const bool is_sound = usual.broken == 0 && usual.share() > 0.99;
  if (is_sound && usual.quoted > 0) return usual;
  Trial best = usual;
  for (const CsvDialect& dialect : other_quotes(text, usual.dialect)) {
    Trial trial = try_dialect(text, dialect);
    const bool is_apostrophe = dialect.quote_char == '\'';
    // Apostrophes are letters as well: most fields must stand within them, and none go wrong.
    const bool quotes_much =
        trial.quoted * 2 > trial.fitting && trial.broken == 0 && usual.quoted == 0;
    if (is_apostrophe && !quotes_much) continue;
    if (trial.columns < best.columns) continue;
    const bool is_less_broken = trial.broken < best.broken && trial.share() > best.share();
    if (is_less_broken || (is_apostrophe && trial.share() >= best.share())) best = std::move(trial);
  }
  return best;
}

/// `sep=;`, which spreadsheets write to tell each other the delimiter; its first line's length.
std::optional<char> separator_line(std::string_view text) {
  std::string_view line = text.substr(0, text.find_first_of("\r\n"));
  if (line.size() > 2 && line.front() == '"' && line.back() == '"') {
    line = line.substr(1, line.size() - 2);
  }
  if (line.size() != 5 || !line.starts_with("sep=")) return std::nullopt;
  return line.back();
}

std::string delimiter_name(char delimiter) {
  return delimiter == '\t' ? "a tab" : "'" + std::string(1, delimiter) + "'";
}

std::string trial_evidence(const Trial& trial) {
  if (trial.columns < 2) {
    return "none: no usual delimiter parts the lines; the file is read as one column";
  }
  return delimiter_name(trial.dialect.delimiter) + ": " + count_text(trial.fitting) + " of " +
         count_text(trial.rows.size()) + " looked-at records have " + count_text(trial.columns) +
         " fields";
}

std::string quotes_text(const Trial& trial) {
  if (!trial.dialect.quote_char) return "none: quotes are text here";
  const std::string quote(1, *trial.dialect.quote_char);
  if (trial.quoted == 0) return "none was seen; " + quote + " is taken for one";
  std::string text =
      quote + " around " + count_text(trial.quoted) + (trial.quoted == 1 ? " field" : " fields");
  if (trial.dialect.escape_char) text += ", with \\ before quotes that are text";
  return text;
}

Trial best_trial(std::string_view text, std::optional<char> told) {
  std::vector<Trial> trials;
  for (const char delimiter : delimiters) {
    if (told && *told != delimiter) continue;
    trials.push_back(choose_quotes(text, try_dialect(text, {.delimiter = delimiter})));
  }
  if (trials.empty()) trials.push_back(try_dialect(text, {.delimiter = *told}));
  return *std::max_element(trials.begin(), trials.end(), [](const Trial& left, const Trial& right) {
    return is_better(right, left);
  });
}

}  // namespace

DialectGuess guess_dialect(const Head& head) {
  const auto told = separator_line(head.text);
  std::string_view text = head.text;
  std::uint64_t told_lines = 0;
  if (told) {
    const std::size_t end = text.find(head.line_end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    told_lines = 1;
  }
  std::string lines(text);
  // The trials know one line end.
  if (head.line_end == '\r') std::replace(lines.begin(), lines.end(), '\r', '\n');
  Trial trial = best_trial(lines, told);
  const std::uint64_t skipped = trial.skipped;
  if (trial.columns < 2) trial.dialect = {};
  DialectGuess guess{.dialect = trial.dialect, .columns = std::max<std::size_t>(trial.columns, 1)};
  for_each_record(lines, trial.dialect,
                  [&](const csv::ScannedRecord& record, csv::FieldCursor cursor) {
                    if (record.line <= skipped || record.fault != file::ScanFault::none)
                      return true;
                    auto& row = guess.rows.emplace_back();
                    csv::FieldSlice field;
                    const csv::Dialect dialect(trial.dialect);
                    while (cursor.next(field)) {
                      row.push_back(csv::FieldCursor::text_of(dialect, field));
                    }
                    return guess.rows.size() < 1000;
                  });
  guess.dialect.line_terminator = head.line_end;
  guess.dialect.skip_rows = skipped + told_lines;
  guess.delimiter_evidence =
      trial_evidence(trial) + (told ? "; the first line, sep=, says so" : "");
  guess.quote_evidence = quotes_text(trial);
  if (told) guess.skipped_evidence = "the first line tells the delimiter (sep=)";
  if (skipped > 0) {
    guess.skipped_evidence += std::string(told ? "; " : "") + count_text(skipped) +
                              (skipped == 1 ? " line stands" : " lines stand") +
                              " before the table and " + (skipped == 1 ? "has" : "have") +
                              " fewer fields";
  }
  return guess;
}

}  // namespace freight::inspect
