#include "mapping/record_mapper.hpp"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "freight/error.hpp"
#include "mapping/catalog_binding.hpp"
#include "mapping/column_check.hpp"
#include "mapping/column_mapper.hpp"
#include "mapping/extra_fields.hpp"
#include "mapping/field_reader.hpp"
#include "mapping/loose_names.hpp"
#include "mapping/record_error.hpp"
#include "mapping/record_evidence.hpp"
#include "mapping/record_filter.hpp"
#include "mapping/resolved_mapping.hpp"
#include "mapping/unknown_keys.hpp"
#include "mapping/values/arena_writer.hpp"
#include "mapping/values/evidence_key.hpp"
#include "mapping/values/format_hints.hpp"

namespace freight::mapping {
namespace {

/// A catalog check that may fail, and its column.
struct PlacedCheck {
  std::size_t column;
  ColumnCheck check;
};

/// A field that no column takes: a record that brings it is refused.
struct RefusedField {
  std::size_t index;
  std::string name;
};

/// False for a column that keeps no text, for which an empty one is no value.
bool takes_text(const DestinationColumn& column) {
  return column.type ? *column.type == ValueType::string : !column.lossy_decimal;
}

bool allows_lossy(const JobSpec& spec) {
  const auto* const destination = std::get_if<SqlDestinationSpec>(&spec.destination);
  return destination != nullptr && destination->allow_lossy;
}

}  // namespace

void MappedBatch::clear() {
  rows.ordinals.clear();
  rows.values.clear();
  record_of_row.clear();
  exceptions.clear();
  filtered.clear();
  with_warnings = 0;
}

class RecordMapper::Implementation {
 public:
  Implementation(const JobSpec& spec, const SourceDescription& source,
                 const DestinationCatalog& catalog, const JobFacts& facts)
      : Implementation(spec, source, catalog, facts, resolve_mapping(spec, source)) {}

  void map(RecordBatch& batch, MappedBatch& out) const;

  RecordException exception_of(const RecordBatch& batch, const MappedBatch& mapped,
                               const WriteException& refused) const;

  const std::vector<std::string>& unmapped() const { return unmapped_; }
  const std::vector<std::string>& unfilled() const { return unfilled_; }
  const std::string& loosely_matched() const { return loose_names_; }

 private:
  /// What one call of map() needs beside its arguments.
  struct Work {
    RecordBatch& batch;
    MappedBatch& out;
    ArenaWriter writer;
    ExtraFields extra_fields;
    std::vector<FieldValue> fields;
    std::vector<Value> row;
    RecordFindings findings;
    MadeTexts made;
  };

  enum class Passed : std::uint8_t { accepted, rejected, filtered };

  Implementation(const JobSpec& spec, const SourceDescription& source,
                 const DestinationCatalog& catalog, const JobFacts& facts,
                 const ResolvedMapping& resolved);

  void add_fields(const JobSpec& spec, const ResolvedMapping& resolved);
  void add_column(const ResolvedColumn& column, ColumnMapper::Options& options,
                  const std::optional<DestinationColumn>& destination);
  void check_constant(const ColumnMapper& column, const ColumnCheck& check) const;
  void add_refused_fields(const SourceDescription& source, const ResolvedMapping& resolved);
  void require_defaults(const ResolvedMapping& resolved) const;

  Passed pass(std::size_t index, Work& work) const;
  bool keys_known(std::size_t index, const SourceField* fields, Work& work) const;
  bool catalog_accepts(Work& work) const;
  static void drop(std::size_t index, Work& work);
  void reject(std::size_t index, Work& work) const;
  void warn(std::size_t index, Work& work) const;

  TextArena texts_;
  std::size_t width_;
  bool allow_lossy_;
  std::optional<RecordFilter> filter_;
  std::vector<FieldReader> fields_;
  std::vector<ColumnMapper> columns_;
  std::vector<PlacedCheck> checks_;
  std::vector<OutputColumn> outputs_;
  FormatHints format_hints_;
  std::vector<RefusedField> refused_fields_;
  bool refuse_extra_fields_;
  RecordEvidence evidence_;
  std::vector<std::string> unmapped_;
  std::vector<std::string> unfilled_;
  std::string loose_names_;
  UnknownKeys unknown_keys_;
};

RecordMapper::Implementation::Implementation(const JobSpec& spec, const SourceDescription& source,
                                             const DestinationCatalog& catalog,
                                             const JobFacts& facts, const ResolvedMapping& resolved)
    : width_(source.fields.size()),
      allow_lossy_(allows_lossy(spec)),
      evidence_(primary_key_of(spec, source, resolved), spec.errors.store_raw) {
  // Names of the spec and of a header are matched as a header's are; a record's own keys exactly.
  const NameMatch of_source = name_match(spec, source);
  const NameMatch match =
      spec.has_mapping && of_source == NameMatch::exact ? NameMatch::lenient : of_source;
  CatalogBinding binding = bind_catalog(resolved, catalog, match, allow_lossy_);
  if (match == NameMatch::loose) {
    loose_names_ = loose_names(resolved, source, binding);
  } else if (source.open_fields) {
    unknown_keys_ = UnknownKeys(catalog);
  }
  if (!catalog.merge_key.empty())
    evidence_ = RecordEvidence(merge_key_of(catalog, resolved, binding), spec.errors.store_raw);
  if (spec.filter) filter_.emplace(*spec.filter, resolved, spec.schema, texts_);
  add_fields(spec, resolved);
  ColumnMapper::Options options{
      .facts = facts, .source_name = source_name(spec), .several_files = source.several_files};
  if (spec.schema) options.timezone = spec.schema->timezone;
  for (std::size_t index = 0; index < resolved.columns.size(); ++index) {
    const ResolvedColumn& column = resolved.columns[index];
    if (binding.refused[index]) {
      const ResolvedField& field = resolved.fields[*column.field];
      refused_fields_.push_back({*field.index, field.name});
    } else if (!binding.left_out[index]) {
      add_column(column, options, binding.columns[index]);
    }
  }
  // Records' own keys beyond those: the schema says whether they may be ignored, a mapping ignores
  // them unless the rest goes by name.
  const bool closed_schema = spec.schema && spec.schema->extra_columns == ExtraColumns::error;
  refuse_extra_fields_ =
      closed_schema || (!spec.schema && maps_by_name(spec) && !catalog.open_columns);
  if (closed_schema) add_refused_fields(source, resolved);
  require_defaults(resolved);
  unmapped_ = unmapped_fields(resolved, source.fields);
  unfilled_ = std::move(binding.unfilled);
}

void RecordMapper::Implementation::add_fields(const JobSpec& spec,
                                              const ResolvedMapping& resolved) {
  fields_.reserve(resolved.fields.size());
  for (const ResolvedField& field : resolved.fields) {
    if (field.schema != nullptr) {
      fields_.emplace_back(*field.schema, *spec.schema, field.index, texts_);
    } else {
      fields_.emplace_back(field.name, missing_values_of(spec.schema), field.index);
    }
  }
}

/// The layout's fields that the schema does not name: only records with keys of their own get here.
void RecordMapper::Implementation::add_refused_fields(const SourceDescription& source,
                                                      const ResolvedMapping& resolved) {
  std::vector<bool> known(source.fields.size());
  for (const ResolvedField& field : resolved.fields) {
    if (field.schema != nullptr && field.index) known[*field.index] = true;
  }
  for (std::size_t index = 0; index < known.size(); ++index) {
    if (!known[index]) refused_fields_.push_back({index, source.fields[index]});
  }
}

void RecordMapper::Implementation::add_column(const ResolvedColumn& column,
                                              ColumnMapper::Options& options,
                                              const std::optional<DestinationColumn>& destination) {
  options.empty_is_missing = destination && !column.output.typed && !takes_text(*destination);
  const FieldReader* const field = column.field ? &fields_[*column.field] : nullptr;
  columns_.emplace_back(column, field, options, texts_);
  outputs_.push_back(column.output);
  if (!destination) return;
  outputs_.back().name = destination->name;
  if (field != nullptr && !column.output.typed) format_hints_.add(*destination, field->name());
  ColumnCheck check(*destination, column.output);
  check_constant(columns_.back(), check);
  if (check.passes_all() || columns_.back().constant() != nullptr) return;
  checks_.push_back({columns_.size() - 1, std::move(check)});
}

void RecordMapper::Implementation::check_constant(const ColumnMapper& column,
                                                  const ColumnCheck& check) const {
  const Value* const constant = column.constant();
  const Value* const checked =
      constant == nullptr && column.has_default() ? &column.default_value() : constant;
  if (checked == nullptr || check.accepts(*checked)) return;
  if (allow_lossy_ && check.is_loss(*checked)) return;
  // Every record would fail alike.
  const Diagnosis diagnosis = check.diagnose(*checked);
  throw Error(diagnosis.code, Category::configuration,
              std::string("The ") + (constant != nullptr ? "constant" : "default") +
                  " of the mapping does not fit: " + diagnosis.message,
              {.hint = diagnosis.hint});
}

void RecordMapper::Implementation::require_defaults(const ResolvedMapping& resolved) const {
  for (const ResolvedColumn& column : resolved.columns) {
    const SchemaField* const field = column.field ? resolved.fields[*column.field].schema : nullptr;
    if (field == nullptr || field->on_error != OnError::default_value) continue;
    if (column.entry != nullptr && column.entry->default_value) continue;
    throw Error(Code::invalid_value,
                "The field \"" + field->name +
                    "\" has \"on_error\": \"default\", but the column \"" + column.output.name +
                    "\" has no default.",
                {.hint = "Give the column's entry in the \"mapping\" a \"default\"."});
  }
}

void RecordMapper::Implementation::map(RecordBatch& batch, MappedBatch& out) const {
  if (!batch.layout || batch.layout->size() != width_)
    throw Error(Code::internal, "A batch has another layout than its source described.");
  out.rows.columns = outputs_;
  const std::size_t count = batch.records.size();
  out.rows.ordinals.reserve(count);
  out.rows.values.reserve(count * columns_.size());
  out.record_of_row.reserve(count);
  Work work{.batch = batch,
            .out = out,
            .writer = ArenaWriter(batch.arena),
            .extra_fields = ExtraFields(batch),
            .fields = std::vector<FieldValue>(fields_.size()),
            .row = std::vector<Value>(columns_.size()),
            .findings = {},
            .made = {}};
  for (std::size_t index = 0; index < count; ++index) {
    const Passed passed = pass(index, work);
    if (passed != Passed::accepted) {
      passed == Passed::filtered ? drop(index, work) : reject(index, work);
      continue;
    }
    out.rows.ordinals.push_back(batch.records[index].ordinal);
    out.rows.values.insert(out.rows.values.end(), work.row.begin(), work.row.end());
    out.record_of_row.push_back(static_cast<std::uint32_t>(index));
    if (!work.findings.warnings.empty()) warn(index, work);
  }
}

RecordMapper::Implementation::Passed RecordMapper::Implementation::pass(std::size_t index,
                                                                        Work& work) const {
  const SourceRecord& record = work.batch.records[index];
  if (!work.findings.errors.empty() || !work.findings.warnings.empty()) work.findings.clear();
  if (record.parse_error >= 0) {
    work.findings.errors.push_back(work.batch.errors[static_cast<std::size_t>(record.parse_error)]);
    return Passed::rejected;
  }
  const SourceField* const fields = work.batch.fields.data() + index * width_;
  if (filter_ && !filter_->passes(fields, work.writer)) return Passed::filtered;
  for (std::size_t field = 0; field < fields_.size(); ++field)
    fields_[field].read(fields, work.writer, work.fields[field], work.findings);
  if (!work.findings.errors.empty()) return Passed::rejected;
  if (!keys_known(index, fields, work)) return Passed::rejected;
  for (std::size_t column = 0; column < columns_.size(); ++column)
    columns_[column].map(record, work.fields.data(), work.writer, work.made, work.row[column],
                         work.findings);
  return work.findings.errors.empty() && catalog_accepts(work) ? Passed::accepted
                                                               : Passed::rejected;
}

bool RecordMapper::Implementation::keys_known(std::size_t index, const SourceField* fields,
                                              Work& work) const {
  for (const RefusedField& field : refused_fields_) {
    if (fields[field.index].kind != FieldKind::absent)
      work.findings.errors.push_back(unknown_keys_.error_of(field.name));
  }
  if (refuse_extra_fields_) {
    work.extra_fields.take(index, [&](const std::string& name) {
      work.findings.errors.push_back(unknown_keys_.error_of(name));
    });
  }
  return work.findings.errors.empty();
}

bool RecordMapper::Implementation::catalog_accepts(Work& work) const {
  for (const PlacedCheck& placed : checks_) {
    const Value& value = work.row[placed.column];
    if (placed.check.accepts(value)) continue;
    auto& found =
        allow_lossy_ && placed.check.is_loss(value) ? work.findings.warnings : work.findings.errors;
    found.push_back(record_error(Stage::validate, placed.check.name(),
                                 value.is_null() ? std::nullopt : std::optional(value.text()),
                                 placed.check.diagnose(value)));
  }
  return work.findings.errors.empty();
}

void RecordMapper::Implementation::drop(std::size_t index, Work& work) {
  const std::uint64_t ordinal = work.batch.records[index].ordinal;
  auto& ranges = work.out.filtered;
  if (ranges.empty() || ranges.back().last_ordinal + 1 != ordinal) {
    ranges.push_back({Outcome::filtered, ordinal, ordinal});
  } else {
    ranges.back().last_ordinal = ordinal;
  }
}

void RecordMapper::Implementation::reject(std::size_t index, Work& work) const {
  const SourceRecord& record = work.batch.records[index];
  if (work.findings.fail_job) {
    const RecordError& error = work.findings.errors.front();
    std::string place = "Record " + std::to_string(record.ordinal);
    if (record.line != 0) place += " (line " + std::to_string(record.line) + ")";
    throw Error(error.code, Category::configuration,
                place + ", field \"" + error.column + "\": " + error.message, {.hint = error.hint});
  }
  RecordException exception = evidence_.of(work.batch, index, Outcome::rejected);
  exception.errors = work.findings.errors;
  work.out.exceptions.push_back(std::move(exception));
}

void RecordMapper::Implementation::warn(std::size_t index, Work& work) const {
  RecordException exception = evidence_.of(work.batch, index, Outcome::succeeded);
  exception.errors = work.findings.warnings;
  work.out.exceptions.push_back(std::move(exception));
  ++work.out.with_warnings;
}

RecordException RecordMapper::Implementation::exception_of(const RecordBatch& batch,
                                                           const MappedBatch& mapped,
                                                           const WriteException& refused) const {
  const auto& ordinals = mapped.rows.ordinals;
  const auto row = std::lower_bound(ordinals.begin(), ordinals.end(), refused.ordinal);
  if (row == ordinals.end() || *row != refused.ordinal)
    throw Error(Code::internal, "The destination refused record " +
                                    std::to_string(refused.ordinal) +
                                    ", which was not among the rows that it was sent.");
  const std::size_t record = mapped.record_of_row[static_cast<std::size_t>(row - ordinals.begin())];
  RecordException exception = evidence_.of(batch, record, refused.outcome);
  exception.errors.push_back(refused.error);
  format_hints_.complete(exception.errors.back());
  return exception;
}

RecordMapper::RecordMapper(const JobSpec& spec, const SourceDescription& source,
                           const DestinationCatalog& catalog, const JobFacts& facts)
    : implementation_(std::make_unique<const Implementation>(spec, source, catalog, facts)) {}
RecordMapper::~RecordMapper() = default;
RecordMapper::RecordMapper(RecordMapper&&) noexcept = default;
RecordMapper& RecordMapper::operator=(RecordMapper&&) noexcept = default;

void RecordMapper::map(RecordBatch& batch, MappedBatch& out) const {
  implementation_->map(batch, out);
}

RecordException RecordMapper::exception_of(const RecordBatch& batch, const MappedBatch& mapped,
                                           const WriteException& refused) const {
  return implementation_->exception_of(batch, mapped, refused);
}

const std::vector<std::string>& RecordMapper::unmapped_columns() const {
  return implementation_->unmapped();
}

const std::vector<std::string>& RecordMapper::unfilled_columns() const {
  return implementation_->unfilled();
}

const std::string& RecordMapper::loosely_matched() const {
  return implementation_->loosely_matched();
}

}  // namespace freight::mapping
