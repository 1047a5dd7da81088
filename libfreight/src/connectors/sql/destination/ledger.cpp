#include "connectors/sql/destination/ledger.hpp"

#include <optional>
#include <stdexcept>
#include <utility>

#include <boost/json.hpp>

#include "core/json_text.hpp"
#include "freight/error.hpp"

namespace freight::sql {
namespace {

void append_text(std::string& out, std::string_view name, std::string_view text) {
  if (text.empty()) return;
  core::append_json_key(out, name);
  core::append_json_string(out, text);
}

void append_error(std::string& out, const RecordError& error) {
  append_text(out, "code", to_string(error.code));
  append_text(out, "stage", to_string(error.stage));
  append_text(out, "column", error.column);
  if (error.value) {
    core::append_json_key(out, "value");
    core::append_json_string(out, *error.value);
  }
  append_text(out, "expected", error.expected);
  append_text(out, "message", error.message);
  append_text(out, "hint", error.hint);
  append_text(out, "sqlstate", error.sqlstate);
}

std::string text_of(const boost::json::object& object, std::string_view name) {
  const boost::json::value* value = object.if_contains(name);
  return value == nullptr ? std::string() : std::string(value->as_string());
}

// A name that is not one of ours is as good as damage: the row is of this format, or it says so.
template <typename Value>
Value named(const std::optional<Value>& value) {
  if (!value) throw std::invalid_argument("unknown name");
  return *value;
}

WriteException exception_of(const boost::json::object& object) {
  WriteException exception;
  exception.ordinal = object.at("ordinal").to_number<std::uint64_t>();
  exception.outcome = named(parse_outcome(object.at("outcome").as_string()));
  exception.error.code = named(parse_code(object.at("code").as_string()));
  exception.error.stage = named(parse_stage(object.at("stage").as_string()));
  exception.error.column = text_of(object, "column");
  if (object.contains("value")) exception.error.value = text_of(object, "value");
  exception.error.expected = text_of(object, "expected");
  exception.error.message = text_of(object, "message");
  exception.error.hint = text_of(object, "hint");
  exception.error.sqlstate = text_of(object, "sqlstate");
  return exception;
}

WriteResult decode_outcome(const LedgerRow& row) {
  try {
    const boost::json::value document = boost::json::parse(row.outcome);
    WriteResult result;
    for (const boost::json::value& item : document.at("exceptions").as_array()) {
      result.exceptions.push_back(exception_of(item.as_object()));
    }
    if (const boost::json::value* const unchanged = document.as_object().if_contains("unchanged")) {
      result.unchanged = unchanged->to_number<std::uint64_t>();
    }
    return result;
  } catch (const std::exception&) {
    throw Error(Code::destination_failed,
                "The ledger's row '" + row.unit + "' is damaged: its outcome cannot be read.",
                {.hint = "Restore the ledger table from a backup of the destination; without the "
                         "row the records of this unit would be written again."});
  }
}

}  // namespace

LedgerRow ledger_row_of(const WriteRequest& request, std::string_view target) {
  return {.unit = request.unit,
          .format = ledger_format,
          .target = std::string(target),
          .first_ordinal = request.first_ordinal,
          .records = request.records,
          .content_hash = request.content_hash,
          .input_hash = request.input_hash,
          .inserted = 0,
          .updated = 0,
          .outcome = {},
          .load_hash = {}};
}

std::string encode_outcome(const WriteResult& result) {
  std::string out = "{";
  core::append_json_key(out, "exceptions");
  out += '[';
  for (const WriteException& exception : result.exceptions) {
    if (out.back() != '[') out += ',';
    out += '{';
    core::append_json_key(out, "ordinal");
    out += std::to_string(exception.ordinal);
    append_text(out, "outcome", to_string(exception.outcome));
    append_error(out, exception.error);
    out += '}';
  }
  out += ']';
  if (result.unchanged > 0) {
    core::append_json_key(out, "unchanged");
    out += std::to_string(result.unchanged);
  }
  out += '}';
  return out;
}

WriteResult result_of(const LedgerRow& row, const WriteRequest& request) {
  if (row.format > ledger_format) {
    throw Error(Code::newer_format,
                "The ledger's row '" + row.unit + "' was written by a newer Freight (format " +
                    std::to_string(row.format) + ", this one knows " +
                    std::to_string(ledger_format) + ").",
                {.hint = "Run the job with the newer Freight."});
  }
  if (row.first_ordinal != request.first_ordinal || row.records != request.records ||
      row.content_hash != request.content_hash || row.input_hash != request.input_hash) {
    throw Error(
        Code::ledger_conflict,
        "The ledger holds '" + row.unit + "' of this job with other records: " +
            std::to_string(row.records) + " from ordinal " + std::to_string(row.first_ordinal) +
            " there, " + std::to_string(request.records) + " from ordinal " +
            std::to_string(request.first_ordinal) + " here, or the same with other content.",
        {.hint = "The source has changed since those records were written. Submit it as a "
                 "new job."});
  }
  WriteResult result = decode_outcome(row);
  result.inserted = row.inserted;
  result.updated = row.updated;
  result.from_ledger = true;
  return result;
}

std::string create_ledger_statement(std::string_view name, const LedgerTypes& types) {
  const std::string text(types.text);
  const std::string number(types.number);
  return "CREATE TABLE IF NOT EXISTS " + std::string(name) + " (job_id " +
         std::string(types.job_id) + " NOT NULL, unit " + text + " NOT NULL, format " + number +
         " NOT NULL, target " + text + " NOT NULL, first_ordinal " + number +
         " NOT NULL, records " + number + " NOT NULL, content_hash " + text +
         " NOT NULL, input_hash " + text + " NOT NULL, inserted " + number + " NOT NULL, updated " +
         number + " NOT NULL, outcome " + text + " NOT NULL, load_hash " + text + ", written_at " +
         std::string(types.time) + " NOT NULL, PRIMARY KEY (job_id, unit))";
}

std::string completion_statement(std::string_view name, const LedgerTypes& types,
                                 std::string_view marker) {
  const auto parameter = [marker](int number, std::string_view type) {
    return "CAST(" + std::string(marker) + std::to_string(number) + " AS " + std::string(type) +
           ')';
  };
  const std::string job = parameter(1, types.job_id);
  const std::string unit = parameter(2, types.text);
  // The time of the first completion stands.
  return "INSERT INTO " + std::string(name) +
         " (job_id, unit, format, target, first_ordinal, records, content_hash, input_hash, "
         "inserted, updated, outcome, load_hash, written_at) SELECT " +
         job + ", " + unit + ", " + parameter(3, types.number) + ", " + parameter(4, types.text) +
         ", 0, coalesce(sum(records), 0), '', coalesce(max(input_hash), ''), "
         "coalesce(sum(inserted), 0), coalesce(sum(updated), 0), " +
         parameter(5, types.text) + ", " + parameter(6, types.text) + ", " +
         parameter(7, types.time) + " FROM " + std::string(name) + " WHERE job_id = " + job +
         " AND unit <> " + unit +
         " ON CONFLICT (job_id, unit) DO UPDATE SET records = excluded.records, "
         "inserted = excluded.inserted, updated = excluded.updated, "
         "load_hash = excluded.load_hash";
}

void throw_not_a_ledger(std::string_view table, std::string_view reason) {
  throw Error(Code::ledger_denied,
              "The table " + std::string(table) +
                  " is not a ledger of Freight: " + std::string(reason) + '.',
              {.hint = "Give the ledger another name in destination.ledger."});
}

std::string earlier_load_query(std::string_view name, std::string_view marker,
                               std::string_view time) {
  const std::string table(name);
  const auto parameter = [marker](int number) {
    return std::string(marker) + std::to_string(number);
  };
  const std::string others = " WHERE load_hash = " + parameter(2) +
                             " AND target = " + parameter(3) + " AND job_id <> " + parameter(4) +
                             " AND unit ";
  const std::string at(time);
  return "SELECT job_id, " + at +
         ", inserted, completed FROM (SELECT job_id, written_at, inserted, "
         "1 AS completed FROM " +
         table + others + "= " + parameter(1) +
         " UNION ALL SELECT job_id, max(written_at) AS written_at, sum(inserted) AS inserted, "
         "0 AS completed FROM " +
         table + others + "<> " + parameter(1) +
         " GROUP BY job_id HAVING sum(inserted) > 0) AS loads "
         "ORDER BY completed DESC, written_at LIMIT 1";
}

void refuse_load(const EarlierLoad& load, std::string_view target) {
  if (load.completed) {
    std::string hint = "Use --new (or \"rerun\": \"allow\") to load them once more.";
    if (!load.table_is_empty) {
      hint +=
          " Rejects of that job go in with `freightd replay " + load.job_id + "` from its storage.";
    }
    throw Error(Code::already_loaded,
                "The same records were already loaded into " + std::string(target) + ": job " +
                    load.job_id + " completed at " + load.written_at + " and inserted " +
                    std::to_string(load.inserted) + " of them." +
                    (load.table_is_empty ? " The table has been emptied since." : ""),
                {.hint = std::move(hint)});
  }
  throw Error(Code::partly_loaded,
              "Some of the same records were loaded into " + std::string(target) + ": job " +
                  load.job_id + " has inserted " + std::to_string(load.inserted) +
                  " of them, the last at " + load.written_at + ", and has not completed.",
              {.hint = "Run it again where it was begun, with its storage: it goes on where it "
                       "stopped. Or take out what it has loaded, and use --new (or \"rerun\": "
                       "\"allow\") here."});
}

}  // namespace freight::sql
