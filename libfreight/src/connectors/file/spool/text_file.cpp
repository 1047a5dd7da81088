#include "connectors/file/spool/text_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string>
#include <system_error>
#include <vector>

#include "connectors/file/spool/packing.hpp"
#include "freight/error.hpp"

namespace freight::spool {
namespace {

constexpr std::size_t piece_bytes = std::size_t{1} << 20U;
constexpr std::chrono::seconds progress_interval{1};
/// What is left to the others on the disk.
constexpr std::uint64_t room_left = std::uint64_t{256} << 20U;
/// Text of tables becomes some ten times smaller; what gzip makes of zeros, a thousand times.
constexpr std::uint64_t largest_ratio = 200;
constexpr std::uint64_t ratio_minded_from = std::uint64_t{256} << 20U;

[[noreturn]] void fail(const LayOut& layout, const std::string& why) {
  throw Error(Code::storage_full,
              "the text of " + layout.name.string() + " cannot be laid out in " +
                  layout.folder.string() + ": " + why,
              {.hint = "make room there, or name another folder with --spool"});
}

file::Descriptor file_without_name(const LayOut& layout) {
  file::Descriptor made(::open(layout.folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
  if (made.is_open()) return made;
  // Not every file system has files without names from the beginning.
  std::string name = (layout.folder / "freight-spool-XXXXXX").string();
  made = file::Descriptor(::mkostemp(name.data(), O_CLOEXEC));
  if (!made.is_open()) fail(layout, std::generic_category().message(errno));
  ::unlink(name.c_str());
  return made;
}

void write_all(const file::Descriptor& to, std::span<const char> bytes, const LayOut& layout) {
  while (!bytes.empty()) {
    const ssize_t count = ::write(to.number(), bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) fail(layout, std::generic_category().message(errno));
    bytes = bytes.subspan(static_cast<std::size_t>(count));
  }
}

void check_room(const file::Descriptor& file, const LayOut& layout) {
  struct statvfs disk {};
  if (::fstatvfs(file.number(), &disk) != 0) return;
  const std::uint64_t room = static_cast<std::uint64_t>(disk.f_bavail) * disk.f_frsize;
  if (room < room_left) fail(layout, "only " + std::to_string(room >> 20U) + " MiB are left");
}

void check_ratio(std::uint64_t text, const LayOut& layout) {
  if (text < ratio_minded_from) return;
  const std::uint64_t packed = layout.packed_bytes();
  if (text / largest_ratio < packed) return;
  throw unpacking_error(layout.name,
                        "expands to more than " + std::to_string(largest_ratio) +
                            " times its size: " + std::to_string(text) + " bytes of text from " +
                            std::to_string(packed) + " so far",
                        "It looks like an attack. If it is none, decompress it first.");
}

}  // namespace

file::Descriptor lay_out(ByteStream& text, const LayOut& layout) {
  file::Descriptor file = file_without_name(layout);
  std::vector<char> piece(piece_bytes);
  std::uint64_t done = 0;
  auto said_at = std::chrono::steady_clock::now();
  while (done < layout.most_bytes) {
    if (layout.stop.stop_requested()) throw Error(Code::cancelled, "the job is being stopped");
    const auto most =
        static_cast<std::size_t>(std::min<std::uint64_t>(piece.size(), layout.most_bytes - done));
    const std::size_t size = text.read({piece.data(), most});
    if (size == 0) break;
    write_all(file, {piece.data(), size}, layout);
    const bool looks = (done >> 26U) != ((done + size) >> 26U);
    done += size;
    if (looks) check_room(file, layout);
    check_ratio(done, layout);
    if (const auto now = std::chrono::steady_clock::now();
        layout.progress && now - said_at >= progress_interval) {
      said_at = now;
      layout.progress(done);
    }
  }
  ::lseek(file.number(), 0, SEEK_SET);
  return file;
}

}  // namespace freight::spool
