#include "connectors/csv/field_splitter.hpp"

#include <array>
#include <bit>
#include <cstdint>
#include <cstring>

#include "connectors/csv/field_cursor.hpp"
#include "connectors/file/byte_search.hpp"
#include "core/utf8.hpp"

namespace freight::csv {

using file::Block;

namespace {

/// The blocks of a text, the last one filled up with whatever follows; the mask says what counts.
template <typename Visit>
void for_each_block(std::string_view text, const char* readable_end, Visit&& visit) {
  const char* place = text.data();
  std::size_t left = text.size();
  while (left >= Block::size) {
    visit(Block(place), place, 0xFFFFU);
    place += Block::size;
    left -= Block::size;
  }
  if (left == 0) return;
  const std::uint32_t mask = (1U << left) - 1U;
  if (static_cast<std::size_t>(readable_end - place) >= Block::size) {
    visit(Block(place), place, mask);
    return;
  }
  std::array<char, Block::size> copy{};
  std::memcpy(copy.data(), place, left);
  visit(Block(copy.data()), place, mask);
}

/// Whether a text has no NUL and is valid UTF-8.
bool is_sound(const RecordText& record) {
  std::uint32_t nul = 0;
  std::uint32_t beyond_ascii = 0;
  for_each_block(record.text, record.readable_end,
                 [&](const Block& block, const char*, std::uint32_t mask) {
                   nul |= block.equal('\0') & mask;
                   beyond_ascii |= block.beyond_ascii() & mask;
                 });
  return nul == 0 && (beyond_ascii == 0 || core::is_valid_utf8(record.text));
}

SourceField make_field(const char* begin, const char* end, FieldKind kind) {
  return {begin, static_cast<std::uint32_t>(end - begin), kind};
}

}  // namespace

bool FieldSplitter::split(const RecordText& record, SourceField* fields, TextArena& arena) const {
  if (!record.has_quotes && dialect_.is_simple()) return split_plain(record, fields);
  return is_sound(record) && split_careful(record.text, fields, arena);
}

/// One pass for delimiters, NUL and bytes beyond ASCII together.
bool FieldSplitter::split_plain(const RecordText& record, SourceField* fields) const {
  const char delimiter = dialect_.delimiter;
  const std::size_t columns = columns_;
  std::uint32_t nul = 0;
  std::uint32_t beyond_ascii = 0;
  std::size_t count = 0;
  const char* begin = record.text.data();
  for_each_block(record.text, record.readable_end,
                 [&](const Block& block, const char* place, std::uint32_t mask) {
                   nul |= block.equal('\0') & mask;
                   beyond_ascii |= block.beyond_ascii() & mask;
                   std::uint32_t delimiters = block.equal(delimiter) & mask;
                   while (delimiters != 0) {
                     const char* const end = place + std::countr_zero(delimiters);
                     if (count < columns)
                       fields[count] = make_field(begin, end, FieldKind::unquoted);
                     ++count;
                     begin = end + 1;
                     delimiters &= delimiters - 1;
                   }
                 });
  const char* const end = record.text.data() + record.text.size();
  const bool is_trailing = dialect_.allow_trailing_delimiter && count == columns && begin == end;
  if ((count + 1 != columns && !is_trailing) || nul != 0) return false;
  if (!is_trailing) fields[count] = make_field(begin, end, FieldKind::unquoted);
  return beyond_ascii == 0 || core::is_valid_utf8(record.text);
}

bool FieldSplitter::split_careful(std::string_view record, SourceField* fields,
                                  TextArena& arena) const {
  FieldCursor cursor(dialect_, record);
  FieldSlice slice;
  std::size_t count = 0;
  while (cursor.next(slice)) {
    if (slice.is_misplaced) return false;
    if (count == columns_) return cursor.is_trailing(slice);
    SourceField& field = fields[count++];
    field = {slice.content.data(), static_cast<std::uint32_t>(slice.content.size()),
             slice.is_quoted ? FieldKind::quoted : FieldKind::unquoted};
    if (!slice.is_escaped) continue;
    char* const value = arena.allocate(slice.content.size());
    const std::size_t size = FieldCursor::unescape(dialect_, slice, value);
    arena.shrink_last(slice.content.size(), size);
    field.data = value;
    field.size = static_cast<std::uint32_t>(size);
  }
  return count == columns_;
}

}  // namespace freight::csv
