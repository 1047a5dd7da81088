#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "freight/job.hpp"
#include "freight/job_spec.hpp"

namespace freight::report {

/// Takes the raw text of rejected records apart into the source's columns, by position for CSV and
/// by name for JSON. Of a source that is itself a rejects file the columns of such a file are
/// passed over, as reading it does. Not thread-safe.
class RawColumns {
 public:
  using Values = std::vector<std::optional<std::string>>;

  explicit RawColumns(const Job& job);

  const std::vector<std::string>& names() const { return names_; }
  /// The job's source is of several files, so that the rejects file says which of them.
  bool with_file() const { return with_file_; }
  /// The header of the job's rejects file.
  std::vector<std::string> rejects_header() const;

  /// The raw text in UTF-8, whatever the source's encoding; a byte that is no text stays as it is.
  std::string text_of(const DeadLetter& record) const;

  /// A value for each name; nullopt where the record has none, and everywhere when its raw text was
  /// not kept whole: half a value must not be taken for one. `text` is as text_of() gives it,
  /// `byte_length` is the record's own, `locator` its DeadLetter::locator if it is known: a file of
  /// several may have the columns in another order.
  Values split(const std::string& text, std::uint64_t byte_length,
               std::string_view locator = {}) const;
  /// False when the values of such a record are not known, and split() answers none.
  bool can_split(const std::string& text, std::uint64_t byte_length) const;

 private:
  std::uint64_t length_in_source(const std::string& text) const;
  Values split_csv(const std::string& text, std::string_view locator) const;
  Values split_json(const std::string& text) const;

  /// What has no text of its own is kept as JSON.
  bool is_csv_ = false;
  /// nullopt where it cannot be told any more.
  std::optional<CsvDialect> dialect_;
  Encoding encoding_ = Encoding::utf_8;
  bool is_of_utf16_ = false;
  std::vector<std::string> names_;
  bool with_file_ = false;
};

}  // namespace freight::report
