#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "freight/job_spec.hpp"
#include "freight/record.hpp"
#include "mapping/constraints.hpp"
#include "mapping/converter.hpp"
#include "mapping/field_reader.hpp"
#include "mapping/resolved_mapping.hpp"

namespace freight::mapping {

/// Fills one column from the record's fields, or with a constant. Immutable and thread-safe.
class ColumnMapper {
 public:
  struct Options {
    /// The schema's, for an entry's own datetimes.
    std::chrono::minutes timezone{0};
    /// An empty text that nobody typed is no value for the destination's column.
    bool empty_is_missing = false;
  };

  /// `field` is the column's reader, or nullptr for a constant; constants are kept in `texts`,
  /// which must outlive this. Throws Error(invalid_value) for a constant or default that is not of
  /// its type.
  ColumnMapper(const ResolvedColumn& column, const FieldReader* field, const Options& options,
               TextArena& texts);

  const std::string& name() const { return name_; }
  /// The constant, when it is one.
  const Value* constant() const { return kind_ == Kind::constant ? &fallback_ : nullptr; }
  bool has_default() const { return has_default_; }
  const Value& default_value() const { return fallback_; }

  /// `fields` are the record's, as the schema stage left them: none of them refused.
  void map(const FieldValue* fields, ArenaWriter& writer, Value& out,
           RecordFindings& findings) const {
    if (kind_ == Kind::constant) {
      out = fallback_;
      return;
    }
    const FieldValue& field = fields[field_];
    if (field.state != FieldState::value) {
      // What on_error nulled stays NULL; without a default the fallback is NULL as well.
      out = field.state == FieldState::nulled ? Value{} : fallback_;
    } else if (kind_ == Kind::direct) {
      out = field.value;
      if (empty_is_missing_ && out.size == 0) out = fallback_;
    } else {
      compute(field.value, writer, out, findings);
    }
  }

 private:
  enum class Kind : std::uint8_t { constant, direct, computed };

  void set_constant(const std::optional<std::string>& text, ValueType type, TextArena& texts);
  void set_default(const std::string& text, const FieldReader* field, TextArena& texts);
  void keep(std::string_view text, const Converter& converter, std::string_view what,
            TextArena& texts);
  void compute(const Value& value, ArenaWriter& writer, Value& out, RecordFindings& findings) const;
  /// False when the column's value is settled: found to be NULL, or missed.
  bool look_up(std::string_view& text, Value& out, RecordFindings& findings) const;

  std::string name_;
  Kind kind_ = Kind::direct;
  std::size_t field_ = 0;
  bool empty_is_missing_ = false;
  bool has_default_ = false;
  bool has_lookup_ = false;
  /// The constant, the default, or NULL.
  Value fallback_;
  std::vector<Transform> transforms_;
  std::unordered_map<std::string, std::optional<std::string>, TextHash, std::equal_to<>> lookup_;
  std::optional<Converter> converter_;
};

}  // namespace freight::mapping
