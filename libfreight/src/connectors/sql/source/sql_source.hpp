#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "connectors/sql/source/source_position.hpp"
#include "connectors/sql/source/source_shape.hpp"
#include "freight/connector_spec.hpp"
#include "freight/source.hpp"

namespace freight::sql {

/// The end of a range, as SourceStatements::cut() finds it.
struct SourceCut {
  std::uint64_t records = 0;
  /// A key stands there twice.
  bool repeated = false;
  SourceKey last;
};

/// What a source asks its database, with the parameters of the spec bound before those that are
/// given. Each call is a short transaction of its own that only reads. Thread-safe. Throws Error.
class SourceDatabase {
 public:
  virtual ~SourceDatabase() = default;

  /// Finds table or query, columns and key.
  virtual SourceShape look(ConnectorContext& context) = 0;
  /// The first value of the first row, an integer; nullopt when there is no row.
  virtual std::optional<std::uint64_t> number(const std::string& sql,
                                              std::span<const std::string> bounds,
                                              ConnectorContext& context) = 0;
  /// nullopt when there is no row.
  virtual std::optional<SourceCut> cut(const std::string& sql, std::span<const std::string> bounds,
                                       ConnectorContext& context) = 0;
  /// Appends the rows to a batch whose layout is set, with ordinals from `first_ordinal` on.
  virtual void read(const std::string& sql, std::span<const std::string> bounds,
                    std::uint64_t first_ordinal, RecordBatch& batch, ConnectorContext& context) = 0;
  /// Whether fields of type json come as FieldKind::json.
  virtual bool has_json_values() const = 0;
};

/// A source `sql`: ranges of a key, or counted rows of a source without one. Planning keeps one key
/// in memory, reading the rows of one range.
std::unique_ptr<Source> make_sql_source(const SqlSourceSpec& spec,
                                        std::unique_ptr<SourceDatabase> database);

}  // namespace freight::sql
