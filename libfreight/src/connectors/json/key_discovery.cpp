#include "connectors/json/key_discovery.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <variant>

#include "connectors/cancellation.hpp"
#include "connectors/file/sliding_window.hpp"
#include "connectors/file/text_encoding.hpp"
#include "connectors/json/object_reader.hpp"
#include "freight/error.hpp"

namespace freight::json {
namespace {

constexpr std::size_t most_keys = 10'000;
constexpr std::size_t most_bytes_of_keys = std::size_t{16} * 1024 * 1024;

class KeyDiscovery {
 public:
  KeyDiscovery(const file::InputFile& file, const RecordText& text) : file_(file), text_(text) {}

  std::vector<std::string> run(file::RecordScanner& scanner, std::optional<std::uint64_t> limit,
                               const std::stop_token& stop) {
    file::SlidingWindow window(
        file_, {.begin = scanner.position(),
                .end = file_.size(),
                .capacity = text_.max_record_bytes + 2 * file::SlidingWindow::default_piece});
    file::ScannedRecord record;
    std::uint64_t records = 0;
    while (!limit || records < *limit) {
      const auto step = scanner.next(window.view(), record);
      if (step == file::RecordScanner::Step::end) break;
      if (step == file::RecordScanner::Step::more) {
        connectors::throw_if_cancelled(stop);
        window.advance(scanner.is_discarding() ? scanner.position() : scanner.record_start(),
                       scanner.position());
        continue;
      }
      ++records;
      if (record.fault != file::ScanFault::none) continue;
      add_keys(window.view().text(record.offset, record.offset + record.length), record.line);
    }
    return std::move(keys_);
  }

 private:
  void add_keys(std::string_view text, std::uint64_t line) {
    arena_.clear();
    const Encoding encoding = file::text_encoding(text_.encoding);
    if (encoding != Encoding::utf_8) {
      if (file::valid_prefix(text, encoding) != text.size()) return;
      text = file::to_utf8(text, encoding, arena_);
    }
    if (reader_.read(text, arena_)) return;
    // Most records have their keys in the order of the one before.
    std::size_t next = 0;
    for (const json::Member& member : reader_.members()) {
      if (next < keys_.size() && keys_[next] == member.name) {
        ++next;
        continue;
      }
      add_key(member.name, line);
    }
  }

  void add_key(std::string_view name, std::uint64_t line) {
    std::string key(name);
    if (!known_.insert(key).second) return;
    bytes_ += key.size();
    if (keys_.size() == most_keys || bytes_ > most_bytes_of_keys) {
      throw Error(Code::source_unreadable,
                  "The records of " + file_.path().string() + " up to line " +
                      std::to_string(line) + " have more than " + std::to_string(most_keys) +
                      " different keys, or keys of more than 16 MiB in all",
                  {.hint = "A \"mapping\" or a \"schema\" says which of them to take."});
    }
    keys_.push_back(std::move(key));
  }

  const file::InputFile& file_;
  const RecordText& text_;
  TextArena arena_;
  json::ObjectReader reader_;
  std::vector<std::string> keys_;
  std::unordered_set<std::string> known_;
  std::size_t bytes_ = 0;
};

}  // namespace

bool keys_must_be_known(const JobSpec& spec) {
  if (spec.match == NameMatching::loose) return true;
  const bool takes_all = !spec.has_mapping || spec.mapping_rest == MappingRest::by_name;
  if (spec.schema || !takes_all) return false;
  if (std::holds_alternative<NullDestinationSpec>(spec.destination)) return false;
  return spec.has_mapping || !std::holds_alternative<SqlDestinationSpec>(spec.destination);
}

std::vector<std::string> discover_keys(const file::InputFile& file, file::RecordScanner& scanner,
                                       const RecordText& text, std::optional<std::uint64_t> limit,
                                       const std::stop_token& stop) {
  return KeyDiscovery(file, text).run(scanner, limit, stop);
}

}  // namespace freight::json
