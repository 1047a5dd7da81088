#include "connectors/sql/postgresql/postgresql_source_rows.hpp"

#include <cstring>
#include <optional>
#include <string_view>
#include <vector>

#include "connectors/sql/postgresql/postgresql_source_types.hpp"
#include "connectors/sql/source/source_records.hpp"
#include "core/kept_text.hpp"
#include "core/utf8.hpp"

namespace freight::sql {
namespace {

using database::PostgresqlResult;

FieldKind kind_of(PostgresqlType type) {
  switch (type) {
    case PostgresqlType::int2:
    case PostgresqlType::int4:
    case PostgresqlType::int8:
    case PostgresqlType::oid:
      return FieldKind::integer;
    case PostgresqlType::numeric:
    case PostgresqlType::float4:
    case PostgresqlType::float8:
      return FieldKind::decimal;
    case PostgresqlType::boolean:
      return FieldKind::boolean;
    case PostgresqlType::json:
    case PostgresqlType::jsonb:
      return FieldKind::json;
    case PostgresqlType::bytea:
      return FieldKind::binary;
    default:
      return FieldKind::string;
  }
}

// NaN and the infinities are no digits: they go on as they are.
bool is_digits(std::string_view text) {
  const char last = text.back();
  return last >= '0' && last <= '9';
}

struct Texts {
  std::string_view yes;
  std::string_view no;
};

SourceField field_of(std::string_view text, FieldKind kind) {
  return {.data = text.data(), .size = static_cast<std::uint32_t>(text.size()), .kind = kind};
}

class RowAppender {
 public:
  RowAppender(const PostgresqlResult& rows, const RowRules& rules, RecordBatch& batch)
      : rows_(rows), rules_(rules), batch_(batch) {
    for (int column = 0; column < rows.columns(); ++column) {
      kinds_.push_back(kind_of(static_cast<PostgresqlType>(rows.type(column))));
    }
    words_ = {.yes = batch.arena.copy("true"), .no = batch.arena.copy("false")};
    std::size_t bytes = 0;
    for (int row = 0; row < rows.rows(); ++row) {
      const RowLength length = length_of(row);
      if (!length.is_too_long()) bytes += length.bytes;
    }
    batch.buffer.resize(bytes);
    batch.records.reserve(static_cast<std::size_t>(rows.rows()));
    batch.fields.resize(static_cast<std::size_t>(rows.rows()) * kinds_.size());
  }

  void append(int row, std::uint64_t ordinal) {
    SourceRecord& record = batch_.records.emplace_back();
    record.ordinal = ordinal;
    SourceField* const fields = batch_.fields.data() + (batch_.records.size() - 1) * kinds_.size();
    const RowLength length = length_of(row);
    if (length.is_too_long()) {
      reject_too_long(row, fields, length);
      return;
    }
    std::optional<std::size_t> invalid;
    for (std::size_t column = 0; column < kinds_.size(); ++column) {
      if (rows_.is_null(row, static_cast<int>(column))) {
        fields[column].kind = FieldKind::null;
        continue;
      }
      const std::string_view text = rows_.text(row, static_cast<int>(column));
      fields[column] = typed(text, kinds_[column]);
      if (rules_.check_text && !invalid && !core::is_valid_utf8(text)) invalid = column;
    }
    if (invalid) {
      reject_last_record(batch_, not_utf8((*batch_.layout)[*invalid], fields[*invalid].text()));
    }
  }

 private:
  RowLength length_of(int row) const {
    RowLength length{.bytes = 0, .most = rules_.max_record_bytes};
    for (std::size_t column = 0; column < kinds_.size(); ++column) {
      length.bytes += rows_.text(row, static_cast<int>(column)).size();
    }
    return length;
  }

  SourceField typed(std::string_view text, FieldKind kind) {
    if (kind == FieldKind::boolean) return field_of(text == "t" ? words_.yes : words_.no, kind);
    char* const copy = batch_.buffer.data() + used_;
    if (!text.empty()) std::memcpy(copy, text.data(), text.size());
    used_ += text.size();
    const bool is_other = kind == FieldKind::decimal && !is_digits(text);
    return field_of({copy, text.size()}, is_other ? FieldKind::string : kind);
  }

  // Of each value no more is kept than its raw text needs.
  void reject_too_long(int row, SourceField* fields, const RowLength& length) {
    for (std::size_t column = 0; column < kinds_.size(); ++column) {
      if (rows_.is_null(row, static_cast<int>(column))) {
        fields[column].kind = FieldKind::null;
        continue;
      }
      const std::string_view text = rows_.text(row, static_cast<int>(column));
      fields[column] =
          field_of(batch_.arena.copy(text.substr(0, core::most_kept_text)), FieldKind::string);
    }
    reject_last_record(batch_, too_long(length), length.bytes);
  }

  const PostgresqlResult& rows_;
  const RowRules& rules_;
  RecordBatch& batch_;
  std::vector<FieldKind> kinds_;
  Texts words_;
  std::size_t used_ = 0;
};

}  // namespace

void append_postgresql_rows(const PostgresqlResult& rows, std::uint64_t first_ordinal,
                            const RowRules& rules, RecordBatch& batch) {
  RowAppender appender(rows, rules, batch);
  for (int row = 0; row < rows.rows(); ++row) {
    appender.append(row, first_ordinal + static_cast<std::uint64_t>(row));
  }
}

}  // namespace freight::sql
