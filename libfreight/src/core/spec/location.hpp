#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace freight::core::spec {

/// Where in the document something stands: a chain of keys and indexes on the stack that is written
/// out only for an error. Each one must outlive those made from it.
class Location {
 public:
  /// The whole document.
  Location() = default;

  Location key(std::string_view name) const& { return {this, name, 0, false}; }
  Location index(std::size_t position) const& { return {this, {}, position, true}; }
  Location key(std::string_view) const&& = delete;
  Location index(std::size_t) const&& = delete;

  /// RFC 6901; keys longer than max_pointer_key_bytes are cut.
  std::string pointer() const;

 private:
  Location(const Location* parent, std::string_view name, std::size_t position, bool is_index)
      : parent_(parent), name_(name), position_(position), is_index_(is_index) {}

  const Location* parent_ = nullptr;
  std::string_view name_;
  std::size_t position_ = 0;
  bool is_index_ = false;
};

/// Appends `/key`, escaped as RFC 6901 says and cut to max_pointer_key_bytes.
void append_pointer_key(std::string& pointer, std::string_view key);

}  // namespace freight::core::spec
