#pragma once

#include <concepts>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "database/session.hpp"

namespace freight::database {

/// One execution of one statement over SOCI, without its traps: values are owned here and not bound
/// by address of a temporary; integers have 64 bits both ways; NULL is an empty optional; what
/// fails is a DatabaseError without the bound values in its text.
///
///     Query query(session, "SELECT name, weight FROM tenants WHERE tenant_id = :id");
///     query.with("id", id).into(name).into(weight);
///     while (query.next()) ...
///
/// With PostgreSQL statements are prepared under a name where the session is told to (see
/// Session::prepares()): planning costs more than executing most of them. That does not survive a
/// transaction pooler.
/// `:name` may stand in the text more than once; comments and dollar quotes may not.
class Query {
 public:
  Query(Session& session, const std::string& sql);
  ~Query();
  Query(const Query&) = delete;
  Query& operator=(const Query&) = delete;

  /// A NUL in a text would end it on PostgreSQL: texts of records do not travel this way.
  Query& with(std::string_view name, std::string value);
  Query& with(std::string_view name, double value);
  template <std::integral Integer>
  Query& with(std::string_view name, Integer value) {
    return with_integer(name, static_cast<std::int64_t>(value));
  }
  template <typename Value>
  Query& with(std::string_view name, const std::optional<Value>& value) {
    return value ? with(name, *value) : with_null(name);
  }

  /// The next column goes into `target`, which must outlive the query, with each next().
  template <std::integral Integer>
  Query& into(Integer& target) {
    return into_integer([&target](std::optional<std::int64_t> value) {
      target = static_cast<Integer>(value.value_or(0));
    });
  }
  template <std::integral Integer>
  Query& into(std::optional<Integer>& target) {
    return into_integer([&target](std::optional<std::int64_t> value) {
      target.reset();
      if (value) target = static_cast<Integer>(*value);
    });
  }
  Query& into(double& target);
  Query& into(std::string& target);
  Query& into(std::optional<std::string>& target);

  /// Executes with the first call; true while there is a row.
  bool next();
  /// Executes a statement that returns nothing; the number of rows it touched.
  std::uint64_t execute();

 private:
  struct State;

  Query& with_integer(std::string_view name, std::int64_t value);
  Query& with_null(std::string_view name);
  Query& into_integer(std::function<void(std::optional<std::int64_t>)> assign);
  [[noreturn]] void fail(const std::exception& error);

  Session& session_;
  std::unique_ptr<State> state_;
};

}  // namespace freight::database
