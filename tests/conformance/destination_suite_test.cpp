// Freight's own destinations under the suite that others run over theirs.

#include "freight/testing/destination_suite.hpp"

#include <memory>
#include <string>
#include <vector>

#include "freight/freight.hpp"
#include "support/destination_database.hpp"

namespace freight::testing {
namespace {

std::unique_ptr<Destination> make_destination(const std::string& destination, JobId job_id) {
  const auto spec = parse_job_spec(R"({"source": {"type": "inline", "records": []}, )"
                                   R"("destination": )" +
                                   destination + "}");
  return default_connectors().make_destination({.spec = spec.value(), .job_id = job_id});
}

std::vector<OutputColumn> id_and_name() {
  return {{.name = "id", .type = ValueType::integer, .typed = true},
          {.name = "name", .type = ValueType::string, .typed = true}};
}

class NullTarget final : public DestinationTarget {
 public:
  std::unique_ptr<Destination> make(JobId job_id) override {
    return make_destination(R"({"type": "null"})", job_id);
  }
  std::vector<OutputColumn> columns() const override { return id_and_name(); }
  std::optional<std::uint64_t> rows() override { return std::nullopt; }
};

class TableTarget final : public DestinationTarget {
 public:
  explicit TableTarget(std::unique_ptr<DestinationDatabase> database)
      : database_(std::move(database)) {
    database_->run("CREATE TABLE people (id BIGINT PRIMARY KEY, name TEXT NOT NULL)");
  }
  std::unique_ptr<Destination> make(JobId job_id) override {
    return make_destination(
        R"({"type": "sql", "table": "people", "url": ")" + database_->url() + "\"}", job_id);
  }
  std::vector<OutputColumn> columns() const override { return id_and_name(); }
  std::optional<std::uint64_t> rows() override {
    return std::stoull(database_->value("SELECT count(*) FROM people"));
  }

 private:
  std::unique_ptr<DestinationDatabase> database_;
};

INSTANTIATE_TEST_SUITE_P(
    Built, DestinationSuite,
    ::testing::Values(
        DestinationCase{.name = "Null",
                        .make = [] { return std::make_unique<NullTarget>(); },
                        .has_ledger = false},
        DestinationCase{
            .name = "Sqlite",
            .make = [] { return std::make_unique<TableTarget>(make_sqlite_test_database()); }},
        DestinationCase{
            .name = "Postgresql",
            .make = [] { return std::make_unique<TableTarget>(make_postgresql_test_database()); }}),
    [](const auto& suite) { return suite.param.name; });

}  // namespace
}  // namespace freight::testing
