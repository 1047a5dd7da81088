#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "freight/job.hpp"
#include "report/stored_spec.hpp"

namespace freight::report {

/// Takes the raw text of rejected records apart into the source's columns, by position for CSV and
/// by name for JSON. Of a source that is itself a rejects file the columns of such a file are
/// passed over, as reading it does. Not thread-safe.
class RawColumns {
 public:
  using Values = std::vector<std::optional<std::string>>;

  RawColumns(const StoredSpec& spec, std::vector<std::string> names);

  const std::vector<std::string>& names() const { return names_; }

  /// The raw text in UTF-8, whatever the source's encoding; a byte that is no text stays as it is.
  std::string text_of(const DeadLetter& record) const;

  /// A value for each name; nullopt where the record has none, and everywhere when its raw text was
  /// not kept whole: half a value must not be taken for one. `text` is as text_of() gives it,
  /// `byte_length` is the record's own.
  Values split(const std::string& text, std::uint64_t byte_length) const;

 private:
  std::uint64_t length_in_source(const std::string& text) const;
  Values split_csv(const std::string& text) const;
  Values split_json(const std::string& text) const;

  /// nullopt: what has no text of its own is kept as JSON.
  std::optional<CsvDialect> dialect_;
  Encoding encoding_;
  bool is_of_utf16_;
  std::vector<std::string> names_;
};

}  // namespace freight::report
