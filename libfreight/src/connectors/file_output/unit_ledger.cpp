#include "connectors/file_output/unit_ledger.hpp"

#include <algorithm>
#include <exception>
#include <utility>

#include <boost/json.hpp>

#include "core/json_text.hpp"
#include "freight/error.hpp"

namespace freight::file {
namespace {

namespace json = boost::json;

constexpr std::int64_t ledger_format = 1;

void append_number(std::string& out, std::string_view name, std::uint64_t number) {
  core::append_json_key(out, name);
  out += std::to_string(number);
}

void append_text(std::string& out, std::string_view name, std::string_view text) {
  core::append_json_key(out, name);
  core::append_json_string(out, text);
}

std::string text_of(const json::object& object, std::string_view name) {
  return std::string(object.at(name).as_string());
}

WrittenUnit unit_of(const json::object& object) {
  return {.unit = text_of(object, "unit"),
          .first_ordinal = object.at("first_ordinal").to_number<std::uint64_t>(),
          .records = object.at("records").to_number<std::uint64_t>(),
          .content_hash = text_of(object, "content_hash"),
          .input_hash = text_of(object, "input_hash"),
          .inserted = object.at("inserted").to_number<std::uint64_t>(),
          .length = object.at("length").to_number<std::uint64_t>()};
}

}  // namespace

std::string UnitLedger::head_line(JobId job_id) {
  std::string line = "{";
  append_number(line, "freight_file_ledger", ledger_format);
  append_text(line, "job_id", job_id.to_string());
  return line + "}\n";
}

std::string UnitLedger::line_of(const WrittenUnit& unit) {
  std::string line = "{";
  append_text(line, "unit", unit.unit);
  append_number(line, "first_ordinal", unit.first_ordinal);
  append_number(line, "records", unit.records);
  append_text(line, "content_hash", unit.content_hash);
  append_text(line, "input_hash", unit.input_hash);
  append_number(line, "inserted", unit.inserted);
  append_number(line, "length", unit.length);
  return line + "}\n";
}

void UnitLedger::read(std::string_view appended) {
  for (auto end = appended.find('\n'); end != std::string_view::npos; end = appended.find('\n')) {
    try {
      read_line(appended.substr(0, end));
    } catch (const Error&) {
      throw;
    } catch (const std::exception&) {
      throw Error(Code::destination_failed,
                  "The side file that says what is in the unfinished destination is damaged",
                  {.hint = "Delete the destination's side files and run the job again."});
    }
    bytes_ += end + 1;
    appended.remove_prefix(end + 1);
  }
}

void UnitLedger::read_line(std::string_view line) {
  const auto value = json::parse(line);
  const auto& object = value.as_object();
  if (bytes_ > 0) return add(unit_of(object));
  const auto format = object.at("freight_file_ledger").to_number<std::int64_t>();
  if (format > ledger_format) {
    throw Error(Code::newer_format,
                "The destination's unfinished file was written by a newer Freight",
                {.hint = "Go on with the Freight that began the job."});
  }
}

void UnitLedger::add(WrittenUnit unit) {
  length_ = unit.length;
  inserted_ += unit.inserted;
  next_ordinal_ = std::max(next_ordinal_, unit.first_ordinal + unit.records);
  auto key = unit.unit;
  units_.emplace(std::move(key), std::move(unit));
}

std::optional<WriteResult> UnitLedger::find(const WriteRequest& request) const {
  const auto found = units_.find(request.unit);
  if (found == units_.end()) return std::nullopt;
  const auto& unit = found->second;
  if (unit.first_ordinal != request.first_ordinal || unit.records != request.records ||
      unit.content_hash != request.content_hash || unit.input_hash != request.input_hash) {
    throw Error(Code::ledger_conflict,
                "The destination's unfinished file holds '" + unit.unit +
                    "' of this job with other records: " + std::to_string(unit.records) +
                    " from ordinal " + std::to_string(unit.first_ordinal) + " there, " +
                    std::to_string(request.records) + " from ordinal " +
                    std::to_string(request.first_ordinal) +
                    " here, or the same with other content.",
                {.hint = "The source has changed since those records were written. Submit it as a "
                         "new job."});
  }
  WriteResult result;
  result.inserted = unit.inserted;
  result.from_ledger = true;
  return result;
}

}  // namespace freight::file
