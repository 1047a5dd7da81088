#pragma once

#include <string>
#include <string_view>

#include "freight/codes.hpp"

namespace freight::database {

enum class Backend { sqlite, postgresql };

/// Where a database is. Holds the password if the text did: never print anything but display().
struct Url {
  Backend backend = Backend::sqlite;
  /// sqlite: the path as it was written.
  std::string path;
  /// postgresql: the whole text, for libpq as it is.
  std::string text;

  /// The URL without its password.
  std::string display() const;
};

/// Reads `sqlite:<path>`, `postgresql://…` and `postgres://…`. Throws Error(`invalid`) for anything
/// else and for an SQLite database in memory, which no second session could see.
Url parse_url(std::string_view text, Code invalid);

/// `text` with every password (of the authority and of the query) replaced by `***`.
std::string without_password(std::string_view text);

}  // namespace freight::database
