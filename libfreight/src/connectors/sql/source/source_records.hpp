#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "connectors/json/object_reader.hpp"
#include "freight/source.hpp"

namespace freight::sql {

/// Makes the batch's last record, whose fields are in place, a rejected one: its fields become its
/// raw text, cut to what is kept, and go. `bytes` is how long it really is; 0 for what the raw text
/// is.
void reject_last_record(RecordBatch& batch, RecordError error, std::uint64_t bytes = 0);

/// How long a row is, and how long it may be.
struct RowLength {
  std::uint64_t bytes = 0;
  std::uint64_t most = 0;

  bool is_too_long() const { return bytes > most; }
};

/// The error of a row that is too long; its neighbours are not rejected.
RecordError too_long(const RowLength& length);

/// The error of a text with bytes that are not UTF-8.
RecordError not_utf8(const std::string& column, std::string_view text);

/// Reads records back from raw texts as core::record_json() writes them. `types` are the fields'
/// own: a string of a field of type json is JSON text once more if `json_texts`.
void decode_records(std::span<const RawRecord> records, const SourceDescription& description,
                    bool json_texts, RecordBatch& batch);

/// XXH3 over kinds and texts of all fields.
std::string hash_of_fields(const RecordBatch& batch);

}  // namespace freight::sql
