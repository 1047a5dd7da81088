#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "freight/job_spec.hpp"
#include "freight/record.hpp"
#include "mapping/constraints.hpp"
#include "mapping/values/converter.hpp"
#include "mapping/values/missing_values.hpp"

namespace freight::mapping {

/// What the schema stage made of one field of one record.
enum class FieldState : std::uint8_t {
  value,
  missing,    ///< the mapping's default, else NULL
  nulled,     ///< NULL by on_error
  defaulted,  ///< the mapping's default by on_error
  refused,    ///< the record is rejected
};

struct FieldValue {
  Value value;
  FieldState state = FieldState::missing;
};

/// What is wrong with a record so far. Reused from record to record.
struct RecordFindings {
  std::vector<RecordError> errors;
  /// Of values that on_error nulled or defaulted, or a transform cut.
  std::vector<RecordError> warnings;
  /// A field with `on_error: fail` is among the errors.
  bool fail_job = false;

  void clear() {
    errors.clear();
    warnings.clear();
    fail_job = false;
  }
};

/// Takes one source field through the schema stage. Immutable and thread-safe.
class FieldReader {
 public:
  /// A field of the schema. `texts` outlives this.
  FieldReader(const SchemaField& field, const SchemaSpec& schema, std::optional<std::size_t> index,
              TextArena& texts);
  /// A field that no schema speaks of: text, or typed by the source.
  FieldReader(std::string name, MissingValues missing, std::optional<std::size_t> index);

  const std::string& name() const { return name_; }
  /// Its place in the source's layout; nullopt when the source lacks it.
  std::optional<std::size_t> index() const { return index_; }
  /// True when the schema says its type.
  bool typed() const { return typed_; }
  ValueType type() const { return converter_.type(); }
  const Converter& converter() const { return converter_; }
  bool required() const { return required_; }

  /// `record` are all the fields of one record.
  void read(const SourceField* record, ArenaWriter& writer, FieldValue& result,
            RecordFindings& findings) const {
    const SourceField absent;
    const SourceField& field = index_ ? record[*index_] : absent;
    if (missing_.include(field)) {
      result = {};
      if (required_) refuse_missing(field, result, findings);
      return;
    }
    Converted converted{.text = field.text()};
    if (field.size < plain_sizes_) {
      accept(field, converted, result);
      return;
    }
    const Fault fault = converter_.convert(field.text(), field.kind, writer, converted);
    if (fault == Fault::none && (unconstrained_ || constraints_->hold(field.text(), converted))) {
      accept(field, converted, result);
      return;
    }
    refuse(field, fault, converted, result, findings);
  }

 private:
  void accept(const SourceField& field, const Converted& converted, FieldValue& result) const {
    // An empty text may come without an address, which would be NULL.
    result.value.data = converted.text.data() != nullptr ? converted.text.data() : "";
    result.value.size = static_cast<std::uint32_t>(converted.text.size());
    result.value.type = typed_ ? converter_.type() : own_type(field.kind);
    result.state = FieldState::value;
  }
  static ValueType own_type(FieldKind kind);
  void refuse_missing(const SourceField& field, FieldValue& result, RecordFindings& findings) const;
  void refuse(const SourceField& field, Fault fault, const Converted& converted, FieldValue& result,
              RecordFindings& findings) const;
  void conclude(std::vector<RecordError> errors, bool missing, FieldValue& result,
                RecordFindings& findings) const;

  // What every record needs comes first, to be close together.
  std::optional<std::size_t> index_;
  /// Texts of fewer bytes are taken as they are: strings that no constraint can refuse.
  std::uint64_t plain_sizes_ = 0;
  bool typed_ = false;
  bool required_ = false;
  bool unconstrained_ = true;
  OnError on_error_ = OnError::reject;
  MissingValues missing_;
  Converter converter_;
  std::optional<Constraints> constraints_;
  std::string name_;
};

}  // namespace freight::mapping
