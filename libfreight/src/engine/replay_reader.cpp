#include "engine/replay_reader.hpp"

#include <algorithm>
#include <memory>
#include <string_view>
#include <utility>

#include "connectors/json/object_reader.hpp"
#include "core/hash.hpp"
#include "core/spec/findings.hpp"
#include "core/spec/json_reader.hpp"
#include "core/utf8.hpp"
#include "engine/batch_outcome.hpp"
#include "freight/error.hpp"

namespace freight::engine {
namespace {

/// As much of a raw text as storage keeps.
constexpr std::size_t longest_raw = std::size_t{64} * 1024;
constexpr std::size_t no_field = static_cast<std::size_t>(-1);

/// False for a text that was cut or not kept.
bool is_whole(const ReplayRecord& record) {
  // It is cut at a code point. `byte_length` says nothing: it counts the bytes of the source, which
  // may be of another encoding.
  return !record.raw.empty() && record.raw.size() + 4 < longest_raw;
}

SourceField text_field(std::string_view text, FieldKind kind) {
  return {.data = text.data(), .size = static_cast<std::uint32_t>(text.size()), .kind = kind};
}

void fail(RecordBatch& batch, std::size_t index, RecordError error) {
  error.stage = Stage::parse;
  batch.records[index].parse_error = static_cast<std::int32_t>(batch.errors.size());
  batch.errors.push_back(std::move(error));
}

}  // namespace

ReplayReader::ReplayReader(const JobConnectors& connectors, const ReplayBatch& replay,
                           const std::vector<std::string>& source_fields)
    : connectors_(connectors),
      replay_(replay),
      source_fields_(source_fields),
      fields_(connectors.description.fields) {}

void ReplayReader::read(RecordBatch& batch, TaskAttempt& attempt) {
  const auto count = replay_.records.size();
  batch.layout = std::make_shared<const std::vector<std::string>>(fields_);
  batch.records.resize(count);
  batch.fields.resize(count * fields_.size());
  std::vector<std::size_t> kept;
  std::vector<std::size_t> missing;
  for (std::size_t index = 0; index < count; ++index) {
    const auto& letter = replay_.records[index];
    batch.records[index] = {
        .ordinal = letter.ordinal,
        .line = letter.line,
        .byte_offset = letter.byte_offset,
        .byte_length = letter.byte_length,
        .raw = batch.arena.copy(letter.raw),
        .file = batch.arena.copy(file_of_locator(replay_.ranges[letter.range].locator))};
    if (!letter.correction.empty()) {
      place_correction(index, batch);
    } else if (is_whole(letter)) {
      kept.push_back(index);
    } else {
      missing.push_back(index);
    }
  }
  attempt.side = Side::source;
  if (!kept.empty() && !decode(kept, batch, attempt)) {
    missing.insert(missing.end(), kept.begin(), kept.end());
    std::sort(missing.begin(), missing.end());
  }
  read_again(missing, batch, attempt);
}

void ReplayReader::place_correction(std::size_t index, RecordBatch& batch) const {
  if (replay_.records[index].correction.front() == '[') {
    place_texts(index, batch);
  } else {
    place_object(index, batch);
  }
}

void ReplayReader::place_object(std::size_t index, RecordBatch& batch) const {
  json::ObjectReader reader;
  const auto text = batch.arena.copy(replay_.records[index].correction);
  if (const auto fault = reader.read(text, batch.arena)) {
    fail(batch, index,
         {.code = fault->code,
          .value = std::nullopt,
          .expected = "a JSON object",
          .message = "At byte " + std::to_string(fault->offset) + " of the correction " +
                     std::string(fault->reason)});
    return;
  }
  for (const auto& member : reader.members()) {
    const auto field = index_of_field(member.name);
    if (field != no_field) {
      batch.fields[index * fields_.size() + field] = member.value;
    } else if (connectors_.description.open_fields) {
      batch.extra_fields.emplace_back(static_cast<std::uint32_t>(index), std::string(member.name));
    } else {
      const std::string name(member.name);
      fail(batch, index,
           {.code = Code::unknown_column,
            .column = name,
            .value = std::nullopt,
            .expected = "the source's fields",
            .message = "The correction has a field \"" + name + "\", which the source has not."});
    }
  }
}

void ReplayReader::place_texts(std::size_t index, RecordBatch& batch) const {
  core::spec::Findings ignored;
  const auto read = core::spec::read_json(replay_.records[index].correction, {}, ignored);
  const auto* const texts = read.value ? read.value->array() : nullptr;
  const auto count = texts == nullptr ? 0 : texts->size();
  if (count != source_fields_.size()) {
    fail(batch, index,
         {.code = count < source_fields_.size() ? Code::too_few_fields : Code::too_many_fields,
          .value = std::nullopt,
          .expected = std::to_string(source_fields_.size()) + " fields",
          .message = "The correction has " + std::to_string(count) + " fields."});
    return;
  }
  for (std::size_t position = 0; position < count; ++position) {
    const auto field = index_of_field(source_fields_[position]);
    if (field == no_field) continue;  // One that the job has no use for.
    auto& place = batch.fields[index * fields_.size() + field];
    const auto* const text = (*texts)[position].string();
    if (text != nullptr) {
      place = text_field(batch.arena.copy(*text),
                         text->empty() ? FieldKind::quoted : FieldKind::unquoted);
    } else if (!connectors_.description.typed) {
      place = text_field(batch.arena.copy({}), FieldKind::unquoted);
    }
  }
}

std::size_t ReplayReader::index_of_field(std::string_view name) const {
  const auto found = std::find(fields_.begin(), fields_.end(), name);
  return found == fields_.end() ? no_field : static_cast<std::size_t>(found - fields_.begin());
}

bool ReplayReader::decode(const std::vector<std::size_t>& kept, RecordBatch& batch,
                          TaskAttempt& attempt) {
  std::vector<RawRecord> raw;
  raw.reserve(kept.size());
  for (const auto index : kept) {
    const auto& letter = replay_.records[index];
    raw.push_back({.ordinal = letter.ordinal,
                   .line = letter.line,
                   .byte_offset = letter.byte_offset,
                   .raw = letter.raw});
  }
  found_.clear();
  try {
    connectors_.source->decode(raw, found_, attempt.context);
  } catch (const Error& error) {
    if (error.code() != Code::unsupported_connector) throw;
    return false;
  }
  if (found_.records.size() != kept.size()) {
    throw Error(Code::connector_failed, "the source decoded " +
                                            std::to_string(found_.records.size()) + " of " +
                                            std::to_string(kept.size()) + " records");
  }
  for (std::size_t found = 0; found < kept.size(); ++found) place(kept[found], found, batch);
  place_extra_fields(kept, batch);
  return true;
}

void ReplayReader::read_again(const std::vector<std::size_t>& missing, RecordBatch& batch,
                              TaskAttempt& attempt) {
  for (auto next = missing.begin(); next != missing.end();) {
    const auto range_index = replay_.records[*next].range;
    const auto& range = replay_.ranges[range_index];
    found_.clear();
    connectors_.source->read(range, found_, attempt.context);
    if (attempt.context.stop.stop_requested()) throw Error(Code::cancelled, "asked to stop");
    check_read(range, found_);
    std::vector<std::size_t> index_of(found_.records.size(), no_field);
    for (; next != missing.end() && replay_.records[*next].range == range_index; ++next) {
      const auto found =
          static_cast<std::size_t>(replay_.records[*next].ordinal - range.first_ordinal);
      if (found >= found_.records.size()) {
        throw Error(Code::internal, "a dead letter is not of the batch that it names");
      }
      index_of[found] = *next;
      auto& record = batch.records[*next];
      record = found_.records[found];
      record.raw = batch.arena.copy(core::cut_utf8(record.raw, longest_raw));
      record.file = batch.arena.copy(record.file);
      record.parse_error = -1;
      place(*next, found, batch);
    }
    place_extra_fields(index_of, batch);
  }
}

void ReplayReader::place(std::size_t index, std::size_t found, RecordBatch& batch) const {
  const auto width = fields_.size();
  const auto& record = found_.records[found];
  const bool fits = found_.layout && found_.layout->size() == width &&
                    found_.fields.size() == found_.records.size() * width;
  if (!fits || record.ordinal != replay_.records[index].ordinal) {
    throw Error(Code::connector_failed,
                "what the source read cannot be true: wrong ordinals or missing fields");
  }
  if (found_.raw_from_fields) batch.raw_from_fields = true;
  if (record.parse_error >= 0) {
    fail(batch, index, found_.errors[static_cast<std::size_t>(record.parse_error)]);
    return;
  }
  for (std::size_t field = 0; field < width; ++field) {
    auto copied = found_.fields[found * width + field];
    if (copied.data != nullptr) copied.data = batch.arena.copy(copied.text()).data();
    batch.fields[index * width + field] = copied;
  }
}

void ReplayReader::place_extra_fields(const std::vector<std::size_t>& index_of,
                                      RecordBatch& batch) const {
  for (const auto& [found, name] : found_.extra_fields) {
    if (index_of[found] == no_field) continue;
    batch.extra_fields.emplace_back(static_cast<std::uint32_t>(index_of[found]), name);
  }
}

std::string replay_unit(const ReplayBatch& replay) {
  core::ContentHash hash;
  for (const auto& record : replay.records) {
    hash.update(std::to_string(record.ordinal) + ':' + std::to_string(record.replay_number) + ',');
  }
  return "p:" + hash.hex();
}

std::string replay_content_hash(const ReplayBatch& replay) {
  core::ContentHash hash;
  for (const auto& record : replay.records) {
    hash.update(std::to_string(record.correction.size()) + ':' + record.correction);
  }
  return hash.hex();
}

}  // namespace freight::engine
