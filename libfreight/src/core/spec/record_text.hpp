#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace freight::core::spec {

/// Writes the events of a JSON reader as compact JSON text, one value after the other: how inline
/// records are kept. Finds duplicate keys on the way.
class RecordText {
 public:
  void begin_object();
  void end_object();
  void begin_array();
  void end_array();
  void key(std::string_view name);
  void string(std::string_view text);
  /// A number, true, false or null, as written.
  void literal(std::string_view text);

  /// True between the begin and the end of an object or array.
  bool open() const { return !frames_.empty(); }
  /// True when a whole value stands here.
  bool complete() const { return !text_.empty() && frames_.empty(); }
  /// The value; the next one begins.
  std::string take();
  /// JSON pointers of the duplicate keys within the value, relative to it.
  std::vector<std::string> take_duplicates();

 private:
  /// A key as it stands in text_, quotes and escapes included.
  struct Slice {
    std::size_t begin = 0;
    std::size_t size = 0;
  };
  struct Frame {
    bool is_object = false;
    std::size_t values = 0;
    /// The first of its keys in keys_.
    std::size_t first_key = 0;
  };

  void begin(bool is_object);
  void begin_value();
  void find_duplicates();
  std::string pointer_of(const Slice& key) const;
  std::string_view written(const Slice& slice) const;

  std::string text_;
  std::vector<Frame> frames_;
  std::vector<Slice> keys_;
  std::vector<std::string> duplicates_;
};

}  // namespace freight::core::spec
