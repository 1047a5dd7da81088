#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "database/session.hpp"

struct pg_conn;

namespace freight::database {

/// Where a session's settings live.
enum class SettingsScope {
  session,      ///< set once when it opens: for a server that is ours alone
  transaction,  ///< set with each BEGIN: also right behind a transaction pooler
};

struct PostgresqlOptions {
  std::chrono::seconds connect_timeout{5};
  /// How long sent data and probes may stay unacknowledged before the connection is given up.
  std::chrono::milliseconds tcp_user_timeout{15'000};
  /// 0 in the next three: no limit. Transactions of the storage are short.
  std::chrono::milliseconds statement_timeout{60'000};
  std::chrono::milliseconds lock_timeout{10'000};
  /// A client that vanished within a transaction holds its locks for so long.
  std::chrono::milliseconds idle_in_transaction_timeout{5'000};
  SettingsScope scope = SettingsScope::session;
  /// While it is true sessions prepare their statements; nullptr: they never do.
  std::shared_ptr<const std::atomic<bool>> prepares = {};
};

/// Opens a connection. What the URL itself says wins over `options`. The client's encoding is
/// UTF-8, the time zone UTC, dates are ISO, and strings have no backslash escapes. A server that
/// falls silent meanwhile is unavailable some seconds after `connect_timeout`; `watch` is called
/// every tenth of a second, and throws to give up.
std::unique_ptr<Session> open_postgresql_session(const Url& url,
                                                 const PostgresqlOptions& options = {},
                                                 const std::function<void()>& watch = {});

/// What libpq is to be given for this URL: a connection string that holds the password, if there is
/// one. Throws DatabaseError for a URL that libpq does not understand.
std::string postgresql_connection_string(const Url& url, const PostgresqlOptions& options);

/// The SET statements of a session; for connections opened without SOCI.
std::string postgresql_settings(const PostgresqlOptions& options);

/// The native connection, owned by the session.
::pg_conn* postgresql_handle(Session& session);

}  // namespace freight::database
