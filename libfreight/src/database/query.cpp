#include "database/query.hpp"

#include <deque>

#include <soci/soci.h>

namespace freight::database {

struct Query::State {
  struct Parameter {
    std::string name;
    std::string text;
    long long integer = 0;
    double real = 0;
    soci::indicator indicator = soci::i_ok;
  };
  struct Column {
    std::string text;
    long long integer = 0;
    double real = 0;
    soci::indicator indicator = soci::i_ok;
    std::function<void(Column&)> assign;
  };

  State(Session& session, const std::string& text)
      : sql(text),
        statement(session.take_statement(text)),
        compiled(statement != nullptr),
        repeatable(session.prepares()) {
    if (!compiled) statement = std::make_unique<soci::statement>(session.soci());
  }

  std::string sql;
  // Deques: what is bound by address does not move.
  std::deque<Parameter> parameters;
  std::deque<Column> columns;
  std::unique_ptr<soci::statement> statement;
  bool compiled;
  bool repeatable;
  bool executed = false;
  bool failed = false;

  Parameter& add_parameter(std::string_view name) {
    auto& parameter = parameters.emplace_back();
    parameter.name = name;
    return parameter;
  }

  void run() {
    if (!compiled) {
      statement->alloc();
      statement->prepare(
          sql, repeatable ? soci::details::st_repeatable_query : soci::details::st_one_time_query);
      compiled = true;
    }
    statement->define_and_bind();
    executed = true;
  }
};

Query::Query(Session& session, const std::string& sql)
    : session_(session), state_(std::make_unique<State>(session, sql)) {}

Query::~Query() {
  if (!state_->compiled || state_->failed) return;
  // A statement that the server compiles with each execution is not worth keeping.
  if (session_.backend() == Backend::postgresql && !state_->repeatable) return;
  state_->statement->bind_clean_up();
  session_.keep_statement(state_->sql, std::move(state_->statement));
}

void Query::fail(const std::exception& error) {
  state_->failed = true;
  throw DatabaseError(session_.describe(error));
}

Query& Query::with(std::string_view name, std::string value) {
  auto& parameter = state_->add_parameter(name);
  parameter.text = std::move(value);
  state_->statement->exchange(soci::use(parameter.text, parameter.name));
  return *this;
}

Query& Query::with(std::string_view name, double value) {
  auto& parameter = state_->add_parameter(name);
  parameter.real = value;
  state_->statement->exchange(soci::use(parameter.real, parameter.name));
  return *this;
}

Query& Query::with_integer(std::string_view name, std::int64_t value) {
  auto& parameter = state_->add_parameter(name);
  parameter.integer = value;
  state_->statement->exchange(soci::use(parameter.integer, parameter.name));
  return *this;
}

Query& Query::with_null(std::string_view name) {
  auto& parameter = state_->add_parameter(name);
  parameter.indicator = soci::i_null;
  state_->statement->exchange(soci::use(parameter.text, parameter.indicator, parameter.name));
  return *this;
}

Query& Query::into_integer(std::function<void(std::optional<std::int64_t>)> assign) {
  auto& column = state_->columns.emplace_back();
  column.assign = [assign = std::move(assign)](State::Column& value) {
    if (value.indicator == soci::i_null) return assign(std::nullopt);
    assign(value.integer);
  };
  state_->statement->exchange(soci::into(column.integer, column.indicator));
  return *this;
}

Query& Query::into(double& target) {
  auto& column = state_->columns.emplace_back();
  column.assign = [&target](State::Column& value) {
    target = value.indicator == soci::i_null ? 0.0 : value.real;
  };
  state_->statement->exchange(soci::into(column.real, column.indicator));
  return *this;
}

Query& Query::into(std::string& target) {
  auto& column = state_->columns.emplace_back();
  column.assign = [&target](State::Column& value) {
    target.clear();
    if (value.indicator != soci::i_null) target = std::move(value.text);
  };
  state_->statement->exchange(soci::into(column.text, column.indicator));
  return *this;
}

Query& Query::into(std::optional<std::string>& target) {
  auto& column = state_->columns.emplace_back();
  column.assign = [&target](State::Column& value) {
    target.reset();
    if (value.indicator != soci::i_null) target = std::move(value.text);
  };
  state_->statement->exchange(soci::into(column.text, column.indicator));
  return *this;
}

bool Query::next() {
  auto& state = *state_;
  bool found = false;
  try {
    const Session::Call call(session_);
    if (state.executed) {
      found = state.statement->fetch();
    } else {
      state.run();
      found = state.statement->execute(true);
    }
  } catch (const std::exception& error) {
    fail(error);
  }
  if (found) {
    for (auto& column : state.columns) column.assign(column);
  }
  return found;
}

std::uint64_t Query::execute() {
  try {
    const Session::Call call(session_);
    state_->run();
    state_->statement->execute(true);
    const auto rows = state_->statement->get_affected_rows();
    return rows < 0 ? 0 : static_cast<std::uint64_t>(rows);
  } catch (const std::exception& error) {
    fail(error);
  }
}

}  // namespace freight::database
