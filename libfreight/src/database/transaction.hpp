#pragma once

#include <string>

#include "database/session.hpp"

namespace freight::database {

/// A transaction for a scope: rolled back unless committed. Used by the session's thread.
class Transaction {
 public:
  /// `settings`: statements that belong to the beginning, in the same round trip.
  explicit Transaction(Session& session, TransactionMode mode = TransactionMode::write,
                       const std::string& settings = {});
  ~Transaction();
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;

  /// Throws DatabaseError; `ambiguous` when the connection broke before the answer came.
  void commit();

 private:
  Session& session_;
  bool open_ = true;
};

}  // namespace freight::database
