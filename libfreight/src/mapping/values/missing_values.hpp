#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "freight/job_spec.hpp"
#include "freight/record.hpp"

namespace freight::mapping {

/// Tells which texts of a source's field stand for no value. Immutable and thread-safe.
class MissingValues {
 public:
  /// `words` are the schema's missingValues. With `empty_is_missing` (every type but string) an
  /// empty text is none, quoted or not.
  MissingValues(std::vector<std::string> words, bool empty_is_missing)
      : empty_is_missing_(empty_is_missing) {
    const auto empty = std::remove(words.begin(), words.end(), std::string{});
    bare_empty_is_missing_ = empty != words.end();
    words.erase(empty, words.end());
    words_ = std::move(words);
    has_words_ = !words_.empty();
  }

  bool include(const SourceField& field) const {
    if (field.kind <= FieldKind::null) return true;
    if (field.size == 0)
      return empty_is_missing_ || (field.kind == FieldKind::unquoted && bare_empty_is_missing_);
    return has_words_ && is_word(field);
  }

 private:
  bool is_word(const SourceField& field) const {
    // A number, boolean or object of JSON is a value by its own word.
    return field.kind < FieldKind::integer &&
           std::find(words_.begin(), words_.end(), field.text()) != words_.end();
  }

  bool empty_is_missing_ = false;
  /// The missing values hold the empty text.
  bool bare_empty_is_missing_ = false;
  /// The missing values hold others.
  bool has_words_ = false;
  std::vector<std::string> words_;
};

inline MissingValues missing_values_of(const SchemaField& field, const SchemaSpec& schema) {
  return {schema.missing_values, field.type != ValueType::string};
}
/// Of a field that the schema, if there is one, does not speak of.
inline MissingValues missing_values_of(const std::optional<SchemaSpec>& schema) {
  return {schema ? schema->missing_values : SchemaSpec{}.missing_values, false};
}

}  // namespace freight::mapping
