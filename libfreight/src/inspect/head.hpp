#pragma once

#include <cstdint>
#include <string>

#include "connectors/file/input_file.hpp"

namespace freight::inspect {

enum class TextFormat : std::uint8_t { delimited, jsonl, json };

/// What the beginning of a file says before anything is taken apart.
struct Head {
  /// The first bytes, byte order mark left out; whole lines unless it is all there is, or JSON.
  std::string text;
  /// Length of the byte order mark.
  std::uint64_t mark = 0;
  /// The text is all that the file has.
  bool whole = false;
  /// LF or CR.
  char line_end = '\n';
  /// In words, with the counts.
  std::string line_end_evidence;
  TextFormat format = TextFormat::delimited;
  /// JsonSourceSpec::records_pointer.
  std::string records_pointer;
};

/// Reads the first MiB. Throws Error(source_unreadable) for what is no text: compressed files,
/// UTF-16, binary data, JSON without an array of objects or with several, a line without an end;
/// and missing_header for an empty file.
Head read_head(const file::InputFile& file);

/// `1234567` as `1 234 567`.
std::string count_text(std::uint64_t count);
/// `1 time`, `1 234 times`.
std::string times_text(std::uint64_t count);

}  // namespace freight::inspect
