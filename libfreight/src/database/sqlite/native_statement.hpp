#pragma once

#include <cstdint>
#include <string>
#include <string_view>

struct sqlite3;
struct sqlite3_stmt;

namespace freight::database {

/// A prepared statement on SQLite's own interface, for what SOCI has no fast way to say. Used by
/// the connection's thread and gone before the connection. Parameters and columns count from 1 and
/// from 0, as SQLite has them. Throws DatabaseError.
class SqliteStatement {
 public:
  /// What a value is stored as.
  enum class Storage : std::uint8_t { integer, real, text, blob, null };

  /// `sql` is one statement; of several the first, see rest().
  SqliteStatement(::sqlite3* connection, std::string_view sql);
  ~SqliteStatement();
  SqliteStatement(SqliteStatement&& other) noexcept;
  SqliteStatement& operator=(SqliteStatement&& other) noexcept;

  /// The bytes must stay where they are until the next reset() or binding.
  void bind_text(int parameter, std::string_view text);
  void bind_integer(int parameter, std::int64_t value);
  void bind_real(int parameter, double value);
  /// As bind_text().
  void bind_blob(int parameter, std::string_view bytes);
  /// The bytes of hexadecimal digits, two a byte, which need not live on.
  void bind_hex(int parameter, std::string_view digits);
  void bind_null(int parameter);

  /// True when there is a row, false at the end.
  bool step();
  /// The same without throwing: SQLite's extended result code.
  int try_step() noexcept;
  /// Ready to be run again; bindings stay.
  void reset() noexcept;

  /// Of the row that step() came to; the view is good until the next step.
  std::string_view text(int column) const;
  std::int64_t integer(int column) const;
  bool is_null(int column) const;
  double real(int column) const;
  std::string_view blob(int column) const;
  Storage storage(int column) const;

  /// What follows the statement in the text that it was made of, which must still be there.
  std::string_view rest() const { return rest_; }
  /// The text was nothing but blanks and comments.
  bool is_empty() const { return statement_ == nullptr; }
  /// True when it changes nothing.
  bool only_reads() const;
  int parameters() const;
  int columns() const;
  std::string_view column_name(int column) const;
  /// The type with which the table's column is declared; empty for an expression.
  std::string_view declared_type(int column) const;

 private:
  void check(int result) const;

  ::sqlite3* connection_;
  ::sqlite3_stmt* statement_ = nullptr;
  std::string_view rest_;
};

}  // namespace freight::database
