#include "database/sqlite/sqlite_settings.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <chrono>
#include <limits>
#include <thread>
#include <vector>

#include "database/sqlite/sqlite_error.hpp"

namespace freight::database {
namespace {

void check(sqlite3* connection, int result) {
  if (result != SQLITE_OK) throw DatabaseError(describe_sqlite(connection));
}

int digit_of(unsigned char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

void now_function(sqlite3_context* context, int, sqlite3_value**) {
  const auto now =
      std::chrono::time_point_cast<std::chrono::microseconds>(std::chrono::system_clock::now());
  sqlite3_result_int64(context, now.time_since_epoch().count());
}

void bytes_function(sqlite3_context* context, int, sqlite3_value** values) {
  if (sqlite3_value_type(values[0]) == SQLITE_NULL) return sqlite3_result_null(context);
  const unsigned char* text = sqlite3_value_text(values[0]);
  const int size = sqlite3_value_bytes(values[0]);
  std::vector<unsigned char> bytes(static_cast<std::size_t>(size / 2));
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const int high = digit_of(text[2 * i]);
    const int low = digit_of(text[2 * i + 1]);
    if (high < 0 || low < 0) return sqlite3_result_error(context, "not a hex text", -1);
    bytes[i] = static_cast<unsigned char>(high * 16 + low);
  }
  sqlite3_result_blob(context,
                      bytes.empty() ? reinterpret_cast<const unsigned char*>("") : bytes.data(),
                      static_cast<int>(bytes.size()), SQLITE_TRANSIENT);
}

std::string journal_mode(sqlite3* connection) {
  std::string mode;
  const auto read = [](void* target, int, char** values, char**) {
    *static_cast<std::string*>(target) = values[0];
    return 0;
  };
  check(connection, sqlite3_exec(connection, "PRAGMA journal_mode", read, &mode, nullptr));
  return mode;
}

}  // namespace

void run_sqlite(sqlite3* connection, const std::string& sql) {
  check(connection, sqlite3_exec(connection, sql.c_str(), nullptr, nullptr, nullptr));
}

void set_extended_result_codes(sqlite3* connection) {
  check(connection, sqlite3_extended_result_codes(connection, 1));
}

void set_busy_timeout(sqlite3* connection, std::chrono::milliseconds timeout) {
  const auto bounded =
      std::min<std::chrono::milliseconds::rep>(timeout.count(), std::numeric_limits<int>::max());
  check(connection, sqlite3_busy_timeout(connection, static_cast<int>(bounded)));
}

void use_write_ahead_log(sqlite3* connection, std::chrono::milliseconds timeout) {
  const auto deadline = std::chrono::steady_clock::now() + timeout;
  while (journal_mode(connection) != "wal") {
    try {
      run_sqlite(connection, "PRAGMA journal_mode=WAL");
    } catch (const DatabaseError& error) {
      if (error.condition() != Condition::busy || std::chrono::steady_clock::now() > deadline)
        throw;
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
  }
}

bool sqlite_in_transaction(sqlite3* connection) { return sqlite3_get_autocommit(connection) == 0; }

void add_sqlite_functions(sqlite3* connection) {
  check(connection, sqlite3_create_function_v2(connection, "freight_now", 0, SQLITE_UTF8, nullptr,
                                               now_function, nullptr, nullptr, nullptr));
  check(connection, sqlite3_create_function_v2(connection, "freight_bytes", 1,
                                               SQLITE_UTF8 | SQLITE_DETERMINISTIC, nullptr,
                                               bytes_function, nullptr, nullptr, nullptr));
}

}  // namespace freight::database
