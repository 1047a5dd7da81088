#include "database/transaction.hpp"

namespace freight::database {

Transaction::Transaction(Session& session, TransactionMode mode, const std::string& settings)
    : session_(session) {
  session_.run(session_.begin_statement(mode) + settings);
}

Transaction::~Transaction() {
  // SQLite ends some failed transactions by itself; a lost connection ends every one.
  if (!open_ || !session_.alive() || !session_.in_transaction()) return;
  try {
    session_.run("ROLLBACK");
  } catch (const DatabaseError&) {
    // The pool looks at the session when it comes back and drops it.
  }
}

void Transaction::commit() {
  try {
    session_.run("COMMIT");
  } catch (const DatabaseError& error) {
    if (error.condition() != Condition::unavailable) throw;
    auto failure = error.failure();
    failure.condition = Condition::ambiguous;
    throw DatabaseError(std::move(failure));
  }
  open_ = false;
}

}  // namespace freight::database
