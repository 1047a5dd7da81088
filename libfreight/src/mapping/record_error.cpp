#include "mapping/record_error.hpp"

#include <cstddef>
#include <utility>

#include "core/utf8.hpp"

namespace freight::mapping {

RecordError record_error(Stage stage, std::string_view column,
                         std::optional<std::string_view> value, Diagnosis diagnosis) {
  constexpr std::size_t longest_value = 1024;
  RecordError error;
  error.code = diagnosis.code;
  error.stage = stage;
  error.column = column;
  if (value) error.value = std::string(core::cut_utf8(*value, longest_value));
  error.expected = std::move(diagnosis.expected);
  error.message = std::move(diagnosis.message);
  error.hint = std::move(diagnosis.hint);
  return error;
}

}  // namespace freight::mapping
