#include "connectors/sql/postgresql/postgresql_commit.hpp"

#include <chrono>
#include <utility>

#include "database/database_error.hpp"
#include "freight/error.hpp"

namespace freight::sql {
namespace {

using database::DatabaseError;
using database::PostgresqlConnection;

// Longer than a synchronous standby should take. Then what became of the commit is for the ledger
// to say.
constexpr std::chrono::seconds commit_timeout{60};

}  // namespace

void commit_for_ledger(PostgresqlConnection& connection) {
  const auto end = std::chrono::steady_clock::now() + commit_timeout;
  connection.set_watch([end] {
    if (std::chrono::steady_clock::now() < end) return;
    throw Error(Code::commit_unknown, "The destination did not answer to COMMIT.");
  });
  try {
    const database::PostgresqlResult result = connection.run("COMMIT");
    if (result.tag() == "COMMIT") return;
  } catch (const DatabaseError& error) {
    if (!error.failure().session_lost) throw;
    database::DatabaseFailure failure = error.failure();
    failure.condition = database::Condition::ambiguous;
    throw DatabaseError(std::move(failure));
  }
  throw Error(Code::serialization_failure,
              "The destination rolled the transaction back instead of committing it.");
}

}  // namespace freight::sql
