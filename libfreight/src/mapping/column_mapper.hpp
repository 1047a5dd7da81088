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
#include "mapping/field_reader.hpp"
#include "mapping/job_facts.hpp"
#include "mapping/resolved_mapping.hpp"
#include "mapping/transforms/text_transform.hpp"
#include "mapping/values/converter.hpp"

namespace freight::mapping {

/// Of one batch: memory for texts that are under way, and how much may still be made of them. What
/// transforms and templates make is not bound by the size of what was read.
struct MadeTexts {
  TransformChain::Scratch scratch;
  std::string assembled;
  std::size_t room = std::size_t{256} * 1024 * 1024;
};

/// Fills one column from the record's fields, from what is known of job and record, or with a
/// constant. Immutable and thread-safe.
class ColumnMapper {
 public:
  struct Options {
    /// The schema's, for an entry's own datetimes.
    std::chrono::minutes timezone{0};
    /// An empty text that nobody typed is no value for the destination's column.
    bool empty_is_missing = false;
    JobFacts facts;
    std::string source_name;
    /// Records name the file that they are of.
    bool several_files = false;
  };

  /// `field` is the reader of the column's one field, or nullptr; constants are kept in `texts`,
  /// which must outlive this. Throws Error(invalid_value, invalid_pattern) for a constant or
  /// default that is not of its type, and for transforms that cannot be.
  ColumnMapper(const ResolvedColumn& column, const FieldReader* field, const Options& options,
               TextArena& texts);

  const std::string& name() const { return name_; }
  /// The constant, when it is one.
  const Value* constant() const { return kind_ == Kind::constant ? &constant_ : nullptr; }
  bool has_default() const { return has_default_; }
  const Value& default_value() const { return fallback_; }

  /// `fields` are the record's, as the schema stage left them: none of them refused.
  void map(const SourceRecord& record, const FieldValue* fields, ArenaWriter& writer,
           MadeTexts& made, Value& out, RecordFindings& findings) const {
    if (kind_ == Kind::constant) {
      out = constant_;
    } else if (kind_ == Kind::direct) {
      if (take(fields[field_], out)) pass_on(out);
    } else {
      compute(record, fields, writer, made, out, findings);
    }
  }

 private:
  enum class Kind : std::uint8_t { constant, direct, computed };
  /// Where the text of a computed column comes from.
  enum class Origin : std::uint8_t { field, coalesce, text_template, ordinal, line, file, fixed };

  struct Text {
    std::string_view text;
    ValueType type = ValueType::string;
    /// The text is in memory that will be used again.
    bool fleeting = false;
  };

  void set_constant(const std::optional<std::string>& text, ValueType type, TextArena& texts);
  void set_default(const std::string& text, const FieldReader* field, TextArena& texts);
  void set_system(SystemColumn column, const Options& options, TextArena& texts);
  Value kept(std::string_view text, const Converter& converter, std::string_view what,
             TextArena& texts) const;

  /// Takes a field's value; without one `out` is what the column gets instead, and it is false.
  bool take(const FieldValue& field, Value& out) const {
    if (field.state == FieldState::value) {
      out = field.value;
      return true;
    }
    // What on_error nulled stays NULL; without a default the fallback is NULL as well.
    out = field.state == FieldState::nulled ? Value{} : fallback_;
    return false;
  }
  void pass_on(Value& out) const {
    if (empty_is_missing_ && out.size == 0) out = fallback_;
  }

  void compute(const SourceRecord& record, const FieldValue* fields, ArenaWriter& writer,
               MadeTexts& made, Value& out, RecordFindings& findings) const;
  // Each false when the column's value is settled: in `out`, or as an error.
  bool find_text(const SourceRecord& record, const FieldValue* fields, ArenaWriter& writer,
                 MadeTexts& made, Text& text, Value& out, RecordFindings& findings) const;
  bool first_of(const FieldValue* fields, Text& text, Value& out) const;
  bool assemble(const FieldValue* fields, MadeTexts& made, Text& text, Value& out,
                RecordFindings& findings) const;
  bool transform(ArenaWriter& writer, MadeTexts& made, Text& text, Value& out,
                 RecordFindings& findings) const;
  bool look_up(Text& text, Value& out, RecordFindings& findings) const;
  bool keep(ArenaWriter& writer, MadeTexts& made, Text& text, Value& out,
            RecordFindings& findings) const;
  void refuse(std::string_view text, Diagnosis diagnosis, Value& out,
              RecordFindings& findings) const;

  std::string name_;
  Kind kind_ = Kind::computed;
  Origin origin_ = Origin::field;
  /// Of a field.
  std::size_t field_ = 0;
  bool empty_is_missing_ = false;
  bool has_default_ = false;
  bool has_lookup_ = false;
  /// The default, or NULL.
  Value fallback_;
  Value constant_;
  /// Of a coalesce or template.
  std::vector<std::size_t> fields_;
  std::vector<std::string> literals_;
  TransformChain transforms_;
  std::unordered_map<std::string, std::optional<std::string>, TextHash, std::equal_to<>> lookup_;
  std::optional<Converter> converter_;
};

}  // namespace freight::mapping
