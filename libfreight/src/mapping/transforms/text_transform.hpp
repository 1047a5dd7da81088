#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "freight/job_spec.hpp"
#include "mapping/values/arena_writer.hpp"
#include "mapping/values/converter.hpp"

namespace freight::mapping {

/// No transform or template makes a longer text: beyond it the record is rejected, `too_long`.
inline constexpr std::size_t longest_made_text = std::size_t{16} * 1024 * 1024;

/// A text on its way through the transforms of a column.
struct TransformedText {
  std::string_view text;
  bool is_null = false;
  /// Why there is no text: the record is rejected.
  std::optional<Diagnosis> error;
  /// What was lost, and the text that it was lost of: the record goes on.
  std::vector<std::pair<Diagnosis, std::string>> warnings;

  void set_null() {
    text = {};
    is_null = true;
  }
  /// The error of a text that would be longer than longest_made_text.
  void set_too_long(std::string_view maker);
};

/// One transform with its arguments. Immutable and thread-safe. Linear in the text's length (see
/// regex_replace in pattern_transform.cpp).
class TextTransform {
 public:
  virtual ~TextTransform() = default;
  TextTransform(const TextTransform&) = delete;
  TextTransform& operator=(const TextTransform&) = delete;

  /// Changes `value`, which is neither NULL nor an error. Its text becomes a slice of `out`, which
  /// comes empty and otherwise stays so; or of what it was, or of what `writer` wrote.
  virtual void apply(TransformedText& value, std::string& out, ArenaWriter& writer) const = 0;

 protected:
  TextTransform() = default;
};

/// `zone` is that of datetimes without a zone. Throws Error(invalid_value | invalid_pattern)
/// for arguments that are none.
std::unique_ptr<const TextTransform> make_transform(const Transform& transform,
                                                    std::chrono::minutes zone);

/// Those that need more than a function: of pattern_transform.cpp, date_transforms.cpp and
/// json_transform.cpp.
std::unique_ptr<const TextTransform> make_regex_replace(const Transform& transform);
std::unique_ptr<const TextTransform> make_parse_date(const Transform& transform,
                                                     std::chrono::minutes zone);
std::unique_ptr<const TextTransform> make_format_date(const Transform& transform,
                                                      std::chrono::minutes zone);
std::unique_ptr<const TextTransform> make_json_pointer(const Transform& transform);

/// The transforms of one column, one after the other. NULL passes through. Immutable and
/// thread-safe.
class TransformChain {
 public:
  /// Memory that is used again from value to value.
  struct Scratch {
    std::string texts[2];
  };

  TransformChain(const std::vector<Transform>& transforms, std::chrono::minutes zone);

  bool empty() const { return transforms_.empty(); }

  /// True when the text is now a slice of `scratch`.
  bool apply(TransformedText& value, Scratch& scratch, ArenaWriter& writer) const;

 private:
  std::vector<std::unique_ptr<const TextTransform>> transforms_;
};

}  // namespace freight::mapping
