#pragma once

#include <memory>
#include <string>
#include <type_traits>
#include <utility>

#include "database/session_pool.hpp"
#include "database/transaction.hpp"
#include "storage/sql_text.hpp"
#include "storage/storage_error.hpp"

namespace freight::storage {

/// How a store reaches its database: each call one transaction on a session of its own.
/// Thread-safe.
class StoreConnections {
 public:
  struct Options {
    database::Backend backend = database::Backend::sqlite;
    std::string display_url;
    database::SessionPool::Factory open;
    /// SQLite has one writer; its readers have sessions of their own.
    std::size_t writers = 1;
    std::size_t readers = 4;
  };

  explicit StoreConnections(Options options);

  /// Runs `work(Session&)` in a transaction, commits and returns what it returned. `work` may run
  /// more than once: what the server asks to run again is run again. Throws Error.
  template <typename Work>
  auto write(Work&& work) {
    return run(writers_, database::TransactionMode::write, std::forward<Work>(work));
  }
  template <typename Work>
  auto read(Work&& work) {
    return run(readers_, database::TransactionMode::read, std::forward<Work>(work));
  }
  SqlText& sql() { return sql_; }
  const std::string& display_url() const { return options_.display_url; }

 private:
  static constexpr int max_runs = 5;

  template <typename Work>
  auto guarded(Work&& work) -> std::invoke_result_t<Work&> {
    try {
      return work();
    } catch (const database::DatabaseError& error) {
      throw storage_error(error, options_.display_url);
    }
  }

  template <typename Work>
  auto run(database::SessionPool& pool, database::TransactionMode mode, Work&& work) {
    return guarded([&] {
      for (int run = 1;; ++run) {
        bool begun = false;
        try {
          return once(pool, mode, work, begun);
        } catch (const database::DatabaseError& error) {
          if (run == max_runs || !worth_another_run(error, begun)) throw;
        }
      }
    });
  }

  template <typename Work>
  auto once(database::SessionPool& pool, database::TransactionMode mode, Work& work, bool& begun) {
    auto lease = pool.acquire();
    begun = true;  // from here on a failure is not one of connecting
    database::Transaction transaction(*lease, mode);
    if constexpr (std::is_void_v<std::invoke_result_t<Work&, database::Session&>>) {
      work(*lease);
      transaction.commit();
    } else {
      auto result = work(*lease);
      transaction.commit();
      return result;
    }
  }

  static bool worth_another_run(const database::DatabaseError& error, bool begun);

  Options options_;
  SqlText sql_;
  database::SessionPool writers_;
  database::SessionPool readers_;
};

}  // namespace freight::storage
