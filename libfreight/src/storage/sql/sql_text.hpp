#pragma once

#include <map>
#include <mutex>
#include <string>
#include <string_view>

#include "database/url.hpp"

namespace freight::storage {

/// The SQL that both backends share, in the words of one of them. Statements are written for
/// PostgreSQL with `freight.` before every table (dropped for SQLite), and with these marks:
///
///     @now                         the store's clock: UTC microseconds
///     @uuid(:x)                    a parameter that is an id
///     @bytes(x) @hex(x)            bytes from and to hex text
///     @greatest(a, b)
///     @rows(:p r, a uuid, b bigint)  the rows of a JSON array of objects, as table r; types are
///                                  uuid, bigint, text and double
///     @pg{...} @lite{...}          text for one backend only; may hold marks, but none of these
///     two
class SqlText {
 public:
  explicit SqlText(database::Backend backend) : backend_(backend) {}

  /// The text for this backend. `statement` is a literal: it is translated once and known by its
  /// address. Thread-safe; the result lives as long as this.
  const std::string& operator()(std::string_view statement);

  database::Backend backend() const { return backend_; }

 private:
  std::string translate(std::string_view statement) const;
  std::string expand(std::string_view mark, std::string_view arguments) const;
  std::string rows(std::string_view arguments) const;

  const database::Backend backend_;
  std::mutex mutex_;
  std::map<const char*, std::string> texts_;
};

}  // namespace freight::storage
