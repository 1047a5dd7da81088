#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

#include "database/session_pool.hpp"
#include "database/transaction.hpp"
#include "freight/ids.hpp"
#include "storage/sql/sql_text.hpp"
#include "storage/sql/storage_error.hpp"

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
    /// What its sessions look at before they prepare a statement; set to false once a pooler
    /// between here and the server shows itself.
    std::shared_ptr<std::atomic<bool>> prepares = {};
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
  /// The same within the wall around one tenant: whatever `work` asks for, it sees and changes rows
  /// of no other. With PostgreSQL, where the role freight_tenant may be taken (migration 0008).
  template <typename Work>
  auto write(TenantId tenant_id, Work&& work) {
    return run(writers_, database::TransactionMode::write, std::forward<Work>(work), tenant_id);
  }
  template <typename Work>
  auto read(TenantId tenant_id, Work&& work) {
    return run(readers_, database::TransactionMode::read, std::forward<Work>(work), tenant_id);
  }
  /// Runs `work(Session&)`, which executes one statement that reads, without a transaction around
  /// it: a third of the round trips.
  template <typename Work>
  auto look_up(Work&& work) -> std::invoke_result_t<Work&, database::Session&> {
    return repeated([&](bool& begun) {
      auto lease = readers_.acquire();
      begun = true;
      return work(*lease);
    });
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
  auto run(database::SessionPool& pool, database::TransactionMode mode, Work&& work,
           std::optional<TenantId> tenant_id = std::nullopt) {
    return repeated([&](bool& begun) { return once(pool, mode, work, begun, tenant_id); });
  }

  /// `call(bool& begun)` says when it has a session. What the server asks to run again, and what
  /// another session can do better, is run again.
  template <typename Call>
  auto repeated(Call&& call) -> std::invoke_result_t<Call&, bool&> {
    return guarded([&] {
      for (int run = 1;; ++run) {
        bool begun = false;
        try {
          return call(begun);
        } catch (const database::DatabaseError& error) {
          const bool again = (begun && lost_preparation(error)) || worth_another_run(error, begun);
          if (run == max_runs || !again) throw;
        }
      }
    });
  }

  template <typename Work>
  auto once(database::SessionPool& pool, database::TransactionMode mode, Work& work, bool& begun,
            const std::optional<TenantId>& tenant_id) {
    auto lease = pool.acquire();
    begun = true;  // from here on a failure is not one of connecting
    database::Transaction transaction(*lease, mode, wall_around(*lease, tenant_id));
    if constexpr (std::is_void_v<std::invoke_result_t<Work&, database::Session&>>) {
      work(*lease);
      transaction.commit();
    } else {
      auto result = work(*lease);
      transaction.commit();
      return result;
    }
  }

  /// What puts a transaction behind the wall; empty when there is none.
  std::string wall_around(database::Session& session, const std::optional<TenantId>& tenant_id);

  static bool worth_another_run(const database::DatabaseError& error, bool begun);

  /// The statement that this session prepared is not there: another server session answers.
  bool lost_preparation(const database::DatabaseError& error);

  enum class Wall : std::uint8_t { unknown, none, stands };

  Options options_;
  SqlText sql_;
  std::atomic<Wall> wall_ = Wall::unknown;
  database::SessionWatch watch_{std::chrono::seconds(10)};
  database::SessionPool writers_;
  database::SessionPool readers_;
};

}  // namespace freight::storage
