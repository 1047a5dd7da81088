#include "connectors/sql/source/source_position.hpp"

#include <exception>
#include <utility>

#include <boost/json.hpp>

#include "core/json_text.hpp"
#include "freight/error.hpp"

namespace freight::sql {
namespace {

constexpr std::int64_t version = 1;

void append_key(std::string& out, std::string_view name, const std::optional<SourceKey>& key) {
  if (!key) return;
  core::append_json_key(out, name);
  out += '[';
  for (const std::string& value : *key) {
    if (out.back() != '[') out += ',';
    core::append_json_string(out, value);
  }
  out += ']';
}

std::string opened() { return "{\"version\":" + std::to_string(version); }

std::optional<SourceKey> key_of(const boost::json::object& object, std::string_view name,
                                std::size_t columns) {
  const boost::json::value* const value = object.if_contains(name);
  if (value == nullptr) return std::nullopt;
  SourceKey key;
  for (const boost::json::value& part : value->as_array()) key.emplace_back(part.as_string());
  if (key.size() != columns) throw Error(Code::internal, "a key of other columns");
  return key;
}

template <typename Read>
auto decode(std::string_view text, Read read) {
  try {
    const boost::json::value document = boost::json::parse(text);
    const boost::json::object& object = document.as_object();
    if (object.at("version").as_int64() > version) {
      throw Error(Code::newer_format, "The plan was written by a newer Freight.",
                  {.hint = "Go on with the Freight that began the job."});
    }
    return read(object);
  } catch (const Error& error) {
    if (error.code() == Code::newer_format) throw;
  } catch (const std::exception&) {
    // Said below.
  }
  throw Error(Code::internal, "The plan's position is not one of this sql source.");
}

}  // namespace

std::string encode_position(const SourcePosition& position) {
  std::string out = opened() + ",\"ordinal\":" + std::to_string(position.ordinal);
  append_key(out, "after", position.after);
  append_key(out, "end", position.end);
  return out + '}';
}

std::string encode_range(const SourceRangeKeys& range) {
  std::string out = opened();
  append_key(out, "after", range.after);
  append_key(out, "last", range.last);
  return out + '}';
}

SourcePosition decode_position(std::string_view text, std::size_t key_columns) {
  if (text.empty()) return {};
  return decode(text, [key_columns](const boost::json::object& object) {
    return SourcePosition{.ordinal = object.at("ordinal").to_number<std::uint64_t>(),
                          .after = key_of(object, "after", key_columns),
                          .end = key_of(object, "end", key_columns)};
  });
}

SourceRangeKeys decode_range(std::string_view text, std::size_t key_columns) {
  return decode(text, [key_columns](const boost::json::object& object) {
    SourceRangeKeys range{.after = key_of(object, "after", key_columns),
                          .last = key_of(object, "last", key_columns)};
    if (range.last.has_value() != (key_columns > 0)) throw Error(Code::internal, "no end");
    return range;
  });
}

}  // namespace freight::sql
