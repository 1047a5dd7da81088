#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "freight/destination.hpp"
#include "freight/record.hpp"
#include "mapping/values/converter.hpp"
#include "mapping/values/loss_check.hpp"

namespace freight::mapping {

/// The catalog stage of one column: refuses what the destination would refuse for sure (a NULL, a
/// text that is too long, a number beyond the column) and what it would keep with a loss. Where a
/// text might be accepted by a newer server or a cast of its own, the destination decides.
/// Immutable and thread-safe.
class ColumnCheck {
 public:
  /// `output` is what the job fills the column with.
  ColumnCheck(const DestinationColumn& column, const OutputColumn& output);

  /// True when no value can fail: the check need not be made.
  bool passes_all() const { return kind_ == Kind::any && !loss_.may_lose() && !column_.not_null; }

  bool accepts(const Value& value) const {
    if (value.is_null()) return !column_.not_null;
    if (value.size < passing_sizes_) return true;
    return (kind_ == Kind::any || accepts_text(value)) && (!loss_.may_lose() || loss_.keeps(value));
  }

  /// Of what accepts() found wrong: the destination takes the value, and keeps it with a loss.
  bool is_loss(const Value& value) const {
    return !value.is_null() && (kind_ == Kind::any || accepts_text(value));
  }

  /// What accepts() found wrong.
  Diagnosis diagnose(const Value& value) const;

  const std::string& name() const { return column_.name; }

 private:
  enum class Kind : std::uint8_t {
    any,
    text_length,
    integer,
    numeric,
    number,
    boolean,
    temporal,
    uuid,
    json,
    binary,
  };

  static Kind kind_of(const DestinationColumn& column, const OutputColumn& output);
  std::uint64_t passing_sizes(const OutputColumn& output) const;
  static Kind kind_of_same(const DestinationColumn& column, ValueType type);
  bool accepts_text(const Value& value) const;
  bool accepts_integer(const Value& value) const;
  std::string titled() const;
  Diagnosis diagnose_length(std::string_view text) const;
  Diagnosis diagnose_number_as_time(std::string_view text) const;
  Diagnosis diagnose_range(std::string_view text) const;

  /// Texts of fewer bytes are accepted, whatever they are.
  std::uint64_t passing_sizes_;
  Kind kind_;
  LossCheck loss_;
  DestinationColumn column_;
};

}  // namespace freight::mapping
