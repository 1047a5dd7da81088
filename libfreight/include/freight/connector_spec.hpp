#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "freight/record.hpp"

// The sources and destinations of a JobSpec.

namespace freight {

/// @addtogroup connectors
/// @{

/// How a CSV file is written, by the terms of CSV Dialect.
struct CsvDialect {
  char delimiter = ',';
  /// nullopt: nothing is quoted.
  std::optional<char> quote_char = '"';
  /// Two quotes within quotes are one.
  bool double_quote = true;
  /// Takes the character after it as it is; nullopt: there is none.
  std::optional<char> escape_char;
  bool header = true;
  /// In place of the header's names, or for a file without one.
  std::optional<std::vector<std::string>> header_names;
  /// Names of the header that are empty or repeated get others, in place of being refused.
  bool auto_header_names = false;
  /// Physical lines before the header.
  std::uint64_t skip_rows = 0;
  /// Lines that begin with it are no records.
  std::optional<char> comment_char;
  bool skip_initial_space = false;
  bool case_sensitive_header = false;
  /// LF, where LF or CRLF ends a record outside quotes, or CR, where that does and LF is data.
  char line_terminator = '\n';
  /// A record whose fields are all empty or blank, and none of them quoted, is none.
  bool skip_blank_records = false;
  /// A delimiter behind the last field of a record or of the header opens no field more.
  bool allow_trailing_delimiter = false;
  /// How many of the last rows, good and bad alike, are no records: totals, remarks.
  std::uint64_t footer_rows = 0;
};

/// How a file's bytes are to be read. Everything is UTF-8 within Freight.
enum class Encoding : std::uint8_t {
  utf_8,
  windows_1252,
  iso_8859_1,
  iso_8859_15,
  windows_1250,
  windows_1251,
  windows_1253,
  windows_1257,
  macroman,
  ibm850,
  utf_16le,
  utf_16be,
};

/// How a file is compressed; `automatic`: as its first bytes say. Of `zip` archives those that hold
/// one file.
enum class Compression : std::uint8_t { automatic, none, gzip, zstd, zip };

/// A CSV file on this machine, or several that are read as one.
struct CsvSourceSpec {
  /// Absolute: a file, a folder (its files of the source's type), or a pattern of paths with `*`,
  /// `?` or `[…]`, unless a file is called just so. Empty with `upload` and with `paths`. "-" is
  /// standard input, see SpecOptions::standard_input.
  std::filesystem::path path;
  /// Several of them: their files are read as one source, in the byte order of their paths.
  std::vector<std::filesystem::path> paths;
  /// The id of an upload; see SpecOptions::references.
  std::string upload;
  Compression compression = Compression::automatic;
  Encoding encoding = Encoding::utf_8;
  CsvDialect dialect;
  std::uint64_t max_record_bytes = 8'388'608;
  std::optional<std::uint64_t> limit;
};

/// One JSON value a line.
struct JsonlSourceSpec {
  /// As CsvSourceSpec::path and paths.
  std::filesystem::path path;
  std::vector<std::filesystem::path> paths;
  /// As CsvSourceSpec::upload.
  std::string upload;
  Compression compression = Compression::automatic;
  Encoding encoding = Encoding::utf_8;
  std::uint64_t max_record_bytes = 8'388'608;
  std::optional<std::uint64_t> limit;
};

/// An array of JSON objects: the whole text, or an array within it.
struct JsonSourceSpec {
  /// As CsvSourceSpec::path and paths.
  std::filesystem::path path;
  std::vector<std::filesystem::path> paths;
  /// As CsvSourceSpec::upload.
  std::string upload;
  Compression compression = Compression::automatic;
  Encoding encoding = Encoding::utf_8;
  std::uint64_t max_record_bytes = 8'388'608;
  std::optional<std::uint64_t> limit;
  /// The JSON pointer (RFC 6901) of the array; empty for the whole text.
  std::string records_pointer;
};

/// A parameter of a query: its canonical text (see Value) and type; without a text NULL.
struct SqlParameter {
  std::optional<std::string> text;
  ValueType type = ValueType::string;
};

/// A table (with `where`) or a query of an SQL database.
struct SqlSourceSpec {
  /// As SqlDestinationSpec::url and connection.
  std::string url;
  std::string connection;
  /// `table` or `schema.table`; empty when `query` is given.
  std::string table;
  /// A condition in the database's own SQL; empty for all rows.
  std::string where;
  /// A SELECT in the database's own SQL; empty when `table` is given.
  std::string query;
  /// The parameters of `where` or `query`, in order: `$1`, `$2`… with PostgreSQL, `?1`, `?2`… with
  /// SQLite.
  std::vector<SqlParameter> params;
  /// Columns that together are unique and not null; empty: the table's primary key.
  std::vector<std::string> key;
  /// A longer row is rejected.
  std::uint64_t max_record_bytes = 8'388'608;
  std::optional<std::uint64_t> limit;
  /// Read what PostgreSQL's row-level security shows of the rows; else a source that hides some is
  /// refused.
  bool allow_row_security = false;
};

/// Records in the spec itself.
struct InlineSourceSpec {
  /// Each record as the JSON text of its object, numbers with the digits as written.
  std::vector<std::string> records;
  std::optional<std::uint64_t> limit;
};

/// A source or destination of the embedding program: its registered type, and its object of the
/// spec as JSON text.
struct CustomConnectorSpec {
  std::string type;
  std::string options;
};

/// Where records come from; exactly one kind.
using SourceSpec = std::variant<CsvSourceSpec, InlineSourceSpec, CustomConnectorSpec,
                                JsonlSourceSpec, SqlSourceSpec, JsonSourceSpec>;

/// The file of a source: CsvSourceSpec::path, paths and upload.
struct SourceFile {
  std::filesystem::path path;
  std::vector<std::filesystem::path> paths;
  std::string upload;

  /// `paths`, or else `path` alone, unless it is an upload: files, folders and patterns.
  std::vector<std::filesystem::path> named() const;
};

/// What file or files `source` reads; nullopt for a source of another kind. Thread-safe.
std::optional<SourceFile> source_file(const SourceSpec& source);

/// `append` inserts, `merge` updates by a key, `replace` exchanges all rows at the end.
enum class WriteDisposition : std::uint8_t { append, merge, replace };
/// What becomes of a record whose key the destination has already.
enum class Conflict : std::uint8_t { reject, skip, update };

/// A table of an SQL database.
struct SqlDestinationSpec {
  /// `sqlite:<absolute path>` or `postgresql://…`; may hold a password: never print it. Empty with
  /// `connection`.
  std::string url;
  /// The name of a connection of the tenant; see SpecOptions::references.
  std::string connection;
  /// As written: `table` or `schema.table`.
  std::string table;
  WriteDisposition write_disposition = WriteDisposition::append;
  /// The columns by which merge tells rows apart; empty: the table's primary key.
  std::vector<std::string> key;
  /// append: reject or skip; merge: update or skip.
  Conflict on_conflict = Conflict::reject;
  /// A source without a record may empty the table that replace fills.
  bool allow_empty = false;
  /// Make the table when it is missing.
  bool create_table = false;
  /// The ledger table; nullopt for `"none"`.
  std::optional<std::string> ledger = "freight_ledger";
  /// Move PostgreSQL sequences up to the columns' maximum at the end.
  bool sync_sequences = true;
  /// What a column would not keep of a value is lost with a warning, not refused.
  bool allow_lossy = false;
  /// SQLite alone: false takes rows that refer to nothing, for whoever looks at them afterwards.
  bool check_foreign_keys = true;
};

/// Counts records and discards them.
struct NullDestinationSpec {};

/// A CSV file in UTF-8 on this machine.
struct CsvDestinationSpec {
  /// Absolute.
  std::filesystem::path path;
  char delimiter = ',';
  bool header = true;
};

/// A file with one JSON object a line, on this machine.
struct JsonlDestinationSpec {
  /// Absolute.
  std::filesystem::path path;
};

/// Where records go; exactly one kind.
using DestinationSpec = std::variant<SqlDestinationSpec, NullDestinationSpec, CustomConnectorSpec,
                                     CsvDestinationSpec, JsonlDestinationSpec>;

/// @}

}  // namespace freight
