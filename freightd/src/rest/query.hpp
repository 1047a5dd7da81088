#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "freight/time.hpp"
#include "rest/call.hpp"

namespace freight::daemon::rest {

/// Reads the parameters of a request's query and collects what is wrong with them.
class Query {
 public:
  /// What the route does not know is an error: a filter with a typo would let everything through.
  explicit Query(const Call& call);

  std::optional<std::string> text(std::string_view name);
  std::vector<std::string> texts(std::string_view name);
  std::optional<bool> flag(std::string_view name);
  std::optional<std::uint64_t> number(std::string_view name, std::uint64_t least,
                                      std::uint64_t most);
  std::optional<Timestamp> time(std::string_view name);
  /// `parse` gives nullopt for what it does not take; `choices` names what it takes.
  template <typename Value>
  std::optional<Value> choice(std::string_view name,
                              std::optional<Value> (*parse)(std::string_view),
                              std::string_view choices) {
    const auto given = text(name);
    if (!given) return std::nullopt;
    const auto value = parse(*given);
    if (!value) report(name, "takes " + std::string(choices));
    return value;
  }
  /// Of a parameter that may stand there more than once.
  template <typename Value>
  std::vector<Value> choices(std::string_view name, std::optional<Value> (*parse)(std::string_view),
                             std::string_view what) {
    std::vector<Value> values;
    for (const std::string& given : texts(name)) {
      const auto value = parse(given);
      if (value) values.push_back(*value);
      if (!value) report(name, "takes " + std::string(what));
    }
    return values;
  }
  template <typename Id>
  std::optional<Id> id(std::string_view name) {
    const auto given = text(name);
    if (!given) return std::nullopt;
    const auto value = Id::parse(*given);
    if (!value) report(name, "takes an id (UUID)");
    return value;
  }

  void report(std::string_view name, std::string detail);
  /// Throws the problem of a bad query when there is one.
  void finish() const;

 private:
  const Call& call_;
  std::vector<InputError> errors_;
};

/// The parameters of every list: how many, from where on, and whether to count.
struct PageQuery {
  std::uint32_t limit = 100;
  std::optional<std::string> cursor = {};
  bool total = false;
};
PageQuery read_page(Query& query);

inline constexpr std::uint64_t most_counted = 10'000;

/// Cuts a list that was asked for one more item than fits the page; true when there was one.
template <typename Item>
bool cut_page(std::vector<Item>& items, const PageQuery& page) {
  if (items.size() <= page.limit) return false;
  items.resize(page.limit);
  return true;
}

/// `{"items", "next_cursor"}`, and the total when there is one.
boost::json::object page_object(boost::json::array items, const std::string& next_cursor);
void add_total(boost::json::object& page, std::uint64_t total);

/// Cursors of lists that go on behind a number or a name. Opaque to clients, and versioned.
std::string cursor_of(std::string_view place);
std::optional<std::string> place_of_cursor(std::string_view cursor);
/// The number at which to go on; reports a cursor that is none.
std::optional<std::uint64_t> read_number_cursor(Query& query, const PageQuery& page);

/// The schemas of these parameters.
inline constexpr Parameter limit_parameter{"limit", "PageLimit", "how many items at the most"};
inline constexpr Parameter cursor_parameter{"cursor", "string", "next_cursor of the page before"};
inline constexpr Parameter total_parameter{"total", "boolean", "count all items, up to 10 000"};
inline constexpr std::array page_parameters{limit_parameter, cursor_parameter, total_parameter};

}  // namespace freight::daemon::rest
