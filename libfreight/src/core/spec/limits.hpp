#pragma once

#include <cstddef>
#include <cstdint>

/// The bounds of a spec: it comes from outside, so everything in it has one.
namespace freight::core::spec {

/// What this version writes and reads; a newer one is refused.
inline constexpr std::uint64_t format_version = 1;

inline constexpr std::size_t max_document_bytes = 64U * 1024U * 1024U;
inline constexpr std::size_t max_depth = 64;
/// JSON values beside the inline records, which are kept as text.
inline constexpr std::size_t max_values = 1'000'000;
inline constexpr std::size_t max_inline_records = 4'000'000;
inline constexpr std::size_t max_errors = 1000;
/// Of a key within a JSON pointer; longer ones are cut.
inline constexpr std::size_t max_pointer_key_bytes = 200;

inline constexpr std::size_t max_name_bytes = 200;
inline constexpr std::size_t max_description_bytes = 10'000;
inline constexpr std::size_t max_labels = 64;
/// What PostgreSQL keeps of a name; it cuts off the rest.
inline constexpr std::size_t longest_postgresql_name = 63;
/// Of fields, columns and labels.
inline constexpr std::size_t max_identifier_bytes = 1000;
inline constexpr std::size_t max_path_bytes = 4096;
/// Files, folders and patterns that one source names.
inline constexpr std::size_t max_paths = 10'000;
inline constexpr std::size_t max_url_bytes = 8192;
inline constexpr std::size_t max_pattern_bytes = 65'536;
/// Fields of a schema, entries of a mapping, names of a header.
inline constexpr std::size_t max_columns = 10'000;
/// Entries of one lookup, values of one enum.
inline constexpr std::size_t max_listed_values = 500'000;
/// Of a length or size that the spec sets, in bytes.
inline constexpr std::uint64_t max_bytes_setting = 1024U * 1024U * 1024U;

}  // namespace freight::core::spec
