#include "rest/query.hpp"

#include <algorithm>
#include <utility>

#include <boost/json.hpp>

#include "rest/text.hpp"

namespace freight::daemon::rest {
namespace {

constexpr std::string_view cursor_version = "1.";

}  // namespace

Query::Query(const Call& call) : call_(call) {
  for (const auto& given : call.request.parameters) {
    const std::string& name = given.first;
    const auto& known = call.route.parameters;
    const bool found = std::any_of(known.begin(), known.end(), [&](const Parameter& parameter) {
      return parameter.name == name;
    });
    if (!found) {
      report(printable(name), "is no parameter of this call");
    } else if (!is_clean_text(given.second)) {
      report(name, "is no UTF-8 text without control characters");
    }
  }
  finish();
}

std::optional<std::string> Query::text(std::string_view name) {
  const auto given = texts(name);
  if (given.empty()) return std::nullopt;
  if (given.size() > 1) report(name, "may stand there once");
  return given.front();
}

std::vector<std::string> Query::texts(std::string_view name) {
  const auto [begin, end] = call_.request.parameters.equal_range(std::string(name));
  std::vector<std::string> given;
  for (auto at = begin; at != end; ++at) given.push_back(at->second);
  return given;
}

std::optional<bool> Query::flag(std::string_view name) {
  const auto given = text(name);
  if (!given) return std::nullopt;
  if (*given == "true" || *given == "false") return *given == "true";
  report(name, "takes true or false");
  return std::nullopt;
}

std::optional<std::uint64_t> Query::number(std::string_view name, std::uint64_t least,
                                           std::uint64_t most) {
  const auto given = text(name);
  if (!given) return std::nullopt;
  const auto number = whole_number(*given);
  if (number && *number >= least && *number <= most) return number;
  report(name,
         "takes a whole number from " + std::to_string(least) + " to " + std::to_string(most));
  return std::nullopt;
}

std::optional<Timestamp> Query::time(std::string_view name) {
  const auto given = text(name);
  if (!given) return std::nullopt;
  const auto time = parse_timestamp(*given);
  if (!time) report(name, "takes an RFC 3339 time with a zone, such as 2026-01-31T08:00:00Z");
  return time;
}

void Query::report(std::string_view name, std::string detail) {
  errors_.push_back({.parameter = std::string(name),
                     .code = Code::invalid_parameter,
                     .detail = std::move(detail)});
}

void Query::finish() const {
  if (errors_.empty()) return;
  const InputError& first = errors_.front();
  throw Problem{.code = Code::invalid_parameter,
                .detail = "the parameter '" + first.parameter + "' " + first.detail,
                .errors = errors_};
}

PageQuery read_page(Query& query) {
  PageQuery page;
  page.limit = static_cast<std::uint32_t>(query.number("limit", 1, 1000).value_or(page.limit));
  page.cursor = query.text("cursor");
  page.total = query.flag("total").value_or(false);
  return page;
}

boost::json::object page_object(boost::json::array items, const std::string& next_cursor) {
  boost::json::object page;
  page["items"] = std::move(items);
  if (next_cursor.empty()) {
    page["next_cursor"] = nullptr;
  } else {
    page["next_cursor"] = next_cursor;
  }
  return page;
}

void add_total(boost::json::object& page, std::uint64_t total) {
  page["total"] = std::min(total, most_counted);
  page["total_capped"] = total > most_counted;
}

std::string cursor_of(std::string_view place) {
  return hex_text(std::string(cursor_version) + std::string(place));
}

std::optional<std::string> place_of_cursor(std::string_view cursor) {
  const auto text = text_of_hex(cursor);
  if (!text || !text->starts_with(cursor_version) || !is_clean_text(*text)) return std::nullopt;
  return text->substr(cursor_version.size());
}

std::optional<std::uint64_t> read_number_cursor(Query& query, const PageQuery& page) {
  if (!page.cursor) return std::nullopt;
  const auto place = place_of_cursor(*page.cursor);
  const auto number = place ? whole_number(*place) : std::nullopt;
  if (!number || *number > INT64_MAX) {
    query.report("cursor", "is none that this list has given");
    return std::nullopt;
  }
  return number;
}

}  // namespace freight::daemon::rest
