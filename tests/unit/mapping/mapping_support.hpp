#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "freight/destination.hpp"
#include "freight/error.hpp"
#include "freight/job_spec.hpp"
#include "freight/record.hpp"
#include "freight/source.hpp"
#include "mapping/record_mapper.hpp"

namespace freight::mapping {

/// One field of a test's record.
struct TestField {
  FieldKind kind = FieldKind::absent;
  std::string text;
};

inline TestField bare(std::string text) { return {FieldKind::unquoted, std::move(text)}; }
inline TestField in_quote_marks(std::string text) { return {FieldKind::quoted, std::move(text)}; }
inline TestField typed(FieldKind kind, std::string text) { return {kind, std::move(text)}; }
inline TestField absent() { return {}; }
inline TestField json_null() { return {FieldKind::null, {}}; }

/// A batch of records with one line each, as a source would leave it.
class TestBatch {
 public:
  explicit TestBatch(std::vector<std::string> layout) {
    batch_.layout = std::make_shared<const std::vector<std::string>>(std::move(layout));
  }

  TestBatch& add(const std::vector<TestField>& fields) {
    std::string raw;
    for (const TestField& field : fields) raw += (raw.empty() ? "" : ",") + field.text;
    add_record(raw);
    for (const TestField& field : fields) {
      const std::string_view text = batch_.arena.copy(field.text);
      batch_.fields.push_back({text.data(), static_cast<std::uint32_t>(text.size()), field.kind});
    }
    return *this;
  }

  /// A record of unquoted fields.
  TestBatch& add_bare(const std::vector<std::string>& texts) {
    std::vector<TestField> fields;
    fields.reserve(texts.size());
    for (const std::string& text : texts) fields.push_back(bare(text));
    return add(fields);
  }

  TestBatch& add_broken(RecordError error, std::string_view raw) {
    add_record(raw);
    batch_.records.back().parse_error = static_cast<std::int32_t>(batch_.errors.size());
    batch_.errors.push_back(std::move(error));
    batch_.fields.resize(batch_.fields.size() + batch_.layout->size());
    return *this;
  }

  TestBatch& with_extra_field(std::string name) {
    batch_.extra_fields.emplace_back(static_cast<std::uint32_t>(batch_.records.size() - 1),
                                     std::move(name));
    return *this;
  }

  RecordBatch& batch() { return batch_; }

 private:
  void add_record(std::string_view raw) {
    SourceRecord record;
    record.ordinal = 100 + batch_.records.size();
    record.line = 102 + batch_.records.size();
    record.byte_offset = 5000 + 10 * batch_.records.size();
    record.raw = batch_.arena.copy(raw);
    record.byte_length = raw.size();
    batch_.records.push_back(record);
  }

  RecordBatch batch_;
};

inline SchemaField schema_field(std::string name, ValueType type) {
  SchemaField field;
  field.name = std::move(name);
  field.type = type;
  return field;
}

inline MappingEntry from(std::string to, std::string field) {
  MappingEntry entry;
  entry.to = std::move(to);
  entry.from = std::move(field);
  return entry;
}

inline DestinationColumn catalog_column(std::string name, std::optional<ValueType> type = {}) {
  DestinationColumn column;
  column.name = std::move(name);
  column.type = type;
  return column;
}

inline DestinationCatalog open_catalog() {
  DestinationCatalog catalog;
  catalog.open_columns = true;
  return catalog;
}

inline SourceDescription header(std::vector<std::string> fields) {
  SourceDescription source;
  source.fields = std::move(fields);
  return source;
}

/// A row's values as texts; NULL is nullopt.
inline std::vector<std::optional<std::string>> row_of(const MappedBatch& mapped, std::size_t row) {
  std::vector<std::optional<std::string>> texts;
  for (std::size_t column = 0; column < mapped.rows.columns.size(); ++column) {
    const Value& value = mapped.rows.row(row)[column];
    texts.push_back(value.is_null() ? std::nullopt : std::optional(std::string(value.text())));
  }
  return texts;
}

/// The code, text and hint of the Error that `action` throws.
template <typename Action>
std::string error_of(const Action& action) {
  try {
    action();
  } catch (const Error& error) {
    return std::string(to_string(error.code())) + ": " + error.what() + " " + error.details().hint;
  }
  return "nothing";
}

inline std::vector<std::string> names(const std::vector<OutputColumn>& columns) {
  std::vector<std::string> result;
  result.reserve(columns.size());
  for (const OutputColumn& column : columns) result.push_back(column.name);
  return result;
}

inline JobSpec with_schema(std::vector<SchemaField> fields) {
  JobSpec spec;
  spec.schema.emplace();
  spec.schema->fields = std::move(fields);
  return spec;
}

inline JobSpec with_mapping(std::vector<MappingEntry> entries) {
  JobSpec spec;
  spec.has_mapping = true;
  spec.mapping = std::move(entries);
  return spec;
}

inline MappedBatch mapped_of(const RecordMapper& mapper, TestBatch& batch) {
  MappedBatch mapped;
  mapper.map(batch.batch(), mapped);
  return mapped;
}

inline DestinationCatalog catalog_of(std::vector<DestinationColumn> columns) {
  DestinationCatalog catalog;
  catalog.columns = std::move(columns);
  return catalog;
}

/// What single values become: one column, one record a value.
struct OneColumn {
  JobSpec spec;
  DestinationCatalog catalog = open_catalog();
  SourceDescription source = header({"value"});
  MappedBatch mapped;

  explicit OneColumn(std::optional<SchemaField> field = {}) {
    if (!field) return;
    field->name = "value";
    spec.schema.emplace();
    spec.schema->fields.push_back(std::move(*field));
  }

  /// The mapped value; NULL is nullopt. A rejected record gives "!" and the codes of its errors.
  std::optional<std::string> map(const TestField& field) {
    TestBatch batch(source.fields);
    batch.add({field});
    mapped.clear();
    const RecordMapper mapper(spec, source, catalog);
    mapper.map(batch.batch(), mapped);
    if (mapped.rows.rows() == 1) return row_of(mapped, 0).front();
    std::string codes = "!";
    for (const RecordError& error : mapped.exceptions.at(0).errors)
      codes += (codes.size() > 1 ? "," : "") + std::string(to_string(error.code));
    return codes;
  }
  std::optional<std::string> map(const std::string& text) { return map(bare(text)); }

  const RecordError& error() const { return mapped.exceptions.at(0).errors.at(0); }
};

}  // namespace freight::mapping
