#pragma once

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "freight/ids.hpp"

namespace freight::storage {

/// Builds the JSON array of objects that carries many rows into one statement (`@rows` of SqlText).
/// A field that is left out is NULL. Always valid JSON and UTF-8 without NUL, whatever the texts
/// hold: neither backend takes anything else.
class JsonRows {
 public:
  void begin_row();

  JsonRows& add(std::string_view name, std::string_view text);
  JsonRows& add(std::string_view name, const char* text) {
    return add(name, std::string_view(text));
  }
  template <std::integral Integer>
  JsonRows& add(std::string_view name, Integer value) {
    return add_number(name, std::to_string(value));
  }
  JsonRows& add(std::string_view name, double value);
  template <typename Tag>
  JsonRows& add(std::string_view name, const StrongId<Tag>& id) {
    return add(name, std::string_view(id.to_string()));
  }
  template <typename Value>
  JsonRows& add(std::string_view name, const std::optional<Value>& value) {
    return value ? add(name, *value) : *this;
  }
  JsonRows& add_hex(std::string_view name, std::string_view bytes);

  std::size_t rows() const { return rows_; }
  bool empty() const { return rows_ == 0; }
  std::size_t bytes() const { return text_.size(); }
  /// The array; begins anew after it.
  std::string take();

 private:
  JsonRows& add_number(std::string_view name, const std::string& digits);

  std::string text_;
  std::size_t rows_ = 0;
};

/// `text` with what no backend stores in a text replaced: NUL and bytes that are not UTF-8.
std::string storable_text(std::string_view text);

std::string hex_of(std::string_view bytes);
/// The bytes of a hex text of either case; ends at the first thing that is no hex pair.
std::string bytes_of_hex(std::string_view hex);

}  // namespace freight::storage
