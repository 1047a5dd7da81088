#include "storage/store_connections.hpp"

namespace freight::storage {

StoreConnections::StoreConnections(Options options)
    : options_(std::move(options)),
      sql_(options_.backend),
      writers_(options_.open, {.size = options_.writers}),
      readers_(options_.open, {.size = options_.readers}) {}

bool StoreConnections::worth_another_run(const database::DatabaseError& error, bool begun) {
  switch (error.condition()) {
    case database::Condition::serialization:
      return true;
    case database::Condition::unavailable:
      // A session that lay idle while the server restarted: nothing was committed, and the next
      // session is another. When connecting itself failed there is nobody to ask again.
      return begun;
    default:
      return false;
  }
}

}  // namespace freight::storage
