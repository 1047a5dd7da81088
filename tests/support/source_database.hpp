#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "connectors/sql/postgresql/postgresql_source.hpp"
#include "connectors/sql/sqlite/sqlite_source.hpp"
#include "freight/error.hpp"
#include "freight/job_spec.hpp"
#include "freight/source.hpp"
#include "support/destination_database.hpp"
#include "support/source_reading.hpp"

namespace freight::testing {

/// What a source says when it refuses the work.
inline Error refusal_of(Source& source) {
  try {
    ConnectorContext context;
    source.describe(context);
    plan_all(source, {});
  } catch (const Error& error) {
    return error;
  }
  return {Code::internal, "nothing was refused"};
}

/// All rows, read in ranges of at most `max_records`: the texts of the fields, "NULL" for NULL.
/// Says whether ordinals have gaps.
inline std::vector<std::vector<std::string>> rows_of(Source& source, std::uint64_t max_records,
                                                     bool& has_gaps) {
  std::vector<std::vector<std::string>> rows;
  const auto ranges = plan_all(source, {.max_records = max_records});
  has_gaps = false;
  for (const ReadRecord& record : read_all(source, ranges)) {
    has_gaps = has_gaps || record.place.ordinal != rows.size();
    auto& row = rows.emplace_back(record.values);
    for (std::size_t index = 0; index < row.size(); ++index) {
      if (record.kinds[index] == FieldKind::null) row[index] = "NULL";
    }
  }
  return rows;
}

/// A source `sql` of a database under test.
inline std::unique_ptr<Source> source_of(const std::string& url, SqlSourceSpec source) {
  source.url = url;
  const bool is_sqlite = url.starts_with("sqlite:");
  JobSpec spec;
  spec.source = std::move(source);
  if (is_sqlite) return sql::make_sqlite_source({.spec = spec});
  sql::PostgresqlPools pools(4);
  return sql::make_postgresql_source({.spec = spec}, pools);
}

inline SqlSourceSpec table_source(std::string table, std::vector<std::string> key = {}) {
  SqlSourceSpec spec;
  spec.table = std::move(table);
  spec.key = std::move(key);
  return spec;
}

inline SqlSourceSpec query_source(std::string query, std::vector<std::string> key = {}) {
  SqlSourceSpec spec;
  spec.query = std::move(query);
  spec.key = std::move(key);
  return spec;
}

}  // namespace freight::testing
