#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "freight/record.hpp"

namespace freight::sql {

/// The rows of one batch in the text format of COPY, made once and sent in parts as often as need
/// be. Keeps its memory between batches.
class CopyText {
 public:
  void assign(const OutputBatch& rows);

  /// What is to be sent for these rows, in their order: neighbours as one piece. The views are good
  /// until the next assign().
  std::vector<std::string_view> pieces(std::span<const std::uint32_t> rows) const;

 private:
  std::string text_;
  // Where each row begins, and the end of the last one.
  std::vector<std::size_t> begins_;
};

}  // namespace freight::sql
