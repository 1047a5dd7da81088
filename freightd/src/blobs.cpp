#include "blobs.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <limits>
#include <system_error>
#include <vector>

#include "digest.hpp"
#include "freight/error.hpp"
#include "freight/time.hpp"
#include "rest/text.hpp"

namespace freight::daemon {
namespace {

constexpr std::size_t piece_size = 1'048'576;

[[noreturn]] void fail_to_write(int reason) {
  throw Error(reason == ENOSPC || reason == EDQUOT ? Code::storage_full : Code::storage_failed,
              "cannot keep the uploaded file: " + std::generic_category().message(reason));
}

/// A file that is there under its name only once it is whole and on disk.
class NewFile {
 public:
  explicit NewFile(std::filesystem::path path)
      : path_(std::move(path)),
        part_(path_.string() + ".part"),
        descriptor_(::open(part_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600)) {
    if (descriptor_ < 0) fail_to_write(errno);
  }
  ~NewFile() {
    if (descriptor_ >= 0) ::close(descriptor_);
    std::error_code ignored;
    if (!kept_) std::filesystem::remove(part_, ignored);
  }
  NewFile(const NewFile&) = delete;
  NewFile& operator=(const NewFile&) = delete;

  void write(std::string_view bytes) {
    while (!bytes.empty()) {
      const auto written = ::write(descriptor_, bytes.data(), bytes.size());
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) fail_to_write(errno);
      bytes.remove_prefix(static_cast<std::size_t>(written));
    }
  }
  void keep() {
    if (::fsync(descriptor_) != 0) fail_to_write(errno);
    if (::rename(part_.c_str(), path_.c_str()) != 0) fail_to_write(errno);
    kept_ = true;
    const int folder = ::open(path_.parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder < 0) return;
    ::fsync(folder);
    ::close(folder);
  }

 private:
  std::filesystem::path path_;
  std::filesystem::path part_;
  int descriptor_;
  bool kept_ = false;
};

void make_folder(const std::filesystem::path& folder) {
  std::error_code failed;
  if (std::filesystem::create_directories(folder, failed))
    std::filesystem::permissions(folder, std::filesystem::perms::owner_all, failed);
  if (failed) {
    throw Error(Code::usage, "cannot make the folder for uploads '" + folder.string() +
                                 "': " + failed.message());
  }
}

/// Reads until the buffer is full or the end is there.
std::size_t fill(const std::function<std::size_t(char*, std::size_t)>& read,
                 std::vector<char>& buffer) {
  std::size_t filled = 0;
  while (filled < buffer.size()) {
    const std::size_t part = read(buffer.data() + filled, buffer.size() - filled);
    if (part == 0) break;
    filled += part;
  }
  return filled;
}

}  // namespace

BlobView::~BlobView() {
  std::error_code ignored;
  if (!is_whole_) std::filesystem::remove(path_, ignored);
}

Error without_folder(const Error& error, const std::string& folder) {
  const std::string message = error.what();
  const auto at = folder.empty() ? std::string::npos : message.find(folder);
  if (at == std::string::npos) return error;
  return {error.code(), error.category(),
          message.substr(0, at) + "upload:" + message.substr(at + folder.size()), error.details()};
}

Blobs::Blobs(UploadStore& store, std::optional<std::filesystem::path> folder,
             std::filesystem::path cache)
    : store_(store), folder_(std::move(folder)), cache_(std::move(cache)) {
  make_folder(place());
}

std::filesystem::path Blobs::path_in(const std::filesystem::path& folder, UploadId id) const {
  return folder / id.to_string();
}

Blobs::Received Blobs::receive(const std::function<std::size_t(char*, std::size_t)>& read) {
  return folder_ ? receive_file(read) : receive_pieces(read);
}

Blobs::Received Blobs::receive_file(const std::function<std::size_t(char*, std::size_t)>& read) {
  Received received{.id = UploadId::generate()};
  NewFile file(path_in(*folder_, received.id));
  Sha256 digest;
  std::vector<char> buffer(piece_size / 4);
  while (const std::size_t part = fill(read, buffer)) {
    const std::string_view bytes(buffer.data(), part);
    digest.add(bytes);
    file.write(bytes);
    received.bytes += part;
  }
  file.keep();
  received.sha256 = rest::hex_text(digest.finish());
  return received;
}

Blobs::Received Blobs::receive_pieces(const std::function<std::size_t(char*, std::size_t)>& read) {
  Received received{.id = UploadId::generate()};
  Sha256 digest;
  std::vector<char> buffer(piece_size);
  try {
    std::uint64_t number = 0;
    while (const std::size_t part = fill(read, buffer)) {
      const std::string_view bytes(buffer.data(), part);
      digest.add(bytes);
      store_.write_piece(received.id, number++, bytes);
      received.bytes += part;
    }
    if (number == 0) store_.write_piece(received.id, 0, {});
  } catch (...) {
    store_.drop_pieces(received.id);
    throw;
  }
  received.sha256 = rest::hex_text(digest.finish());
  return received;
}

void Blobs::drop(UploadId id) {
  std::error_code ignored;
  std::filesystem::remove(path_in(place(), id), ignored);
  if (!folder_) store_.drop_pieces(id);
}

void Blobs::sweep(Timestamp before) {
  const auto age = system_clock().now() - before;
  const auto limit = std::filesystem::file_time_type::clock::now() - age;
  std::error_code ignored;
  for (std::filesystem::directory_iterator at(place(), ignored), end; at != end;
       at.increment(ignored)) {
    // A copy is fetched again when it is needed again.
    const bool may_go = !folder_ || at->path().extension() == ".part";
    if (may_go && at->last_write_time(ignored) < limit)
      std::filesystem::remove(at->path(), ignored);
  }
  store_.drop_abandoned_pieces(before);
}

std::filesystem::path Blobs::file_of(UploadId id) {
  auto path = path_in(place(), id);
  if (std::filesystem::exists(path)) return path;
  // Two that fetch the same upload write the same bytes; each under a name of its own.
  const auto own = path_in(cache_, UploadId::generate());
  fetch(id, own, std::numeric_limits<std::uint64_t>::max());
  std::filesystem::rename(own, path);
  return path;
}

BlobView Blobs::view(const Upload& upload, std::uint64_t most) {
  const bool is_here = std::filesystem::exists(path_in(place(), upload.id));
  if (is_here || folder_ || upload.bytes <= most) return {file_of(upload.id), true};
  auto own = path_in(cache_, UploadId::generate());
  fetch(upload.id, own, most);
  return {std::move(own), false};
}

/// Makes a file of an upload's pieces until it has `most` bytes; the last of several pieces that do
/// not make the whole ends with a line.
void Blobs::fetch(UploadId id, const std::filesystem::path& path, std::uint64_t most) {
  auto piece = folder_ ? std::nullopt : store_.read_piece(id, 0);
  if (!piece) {
    throw Error(Code::source_not_found, "the upload " + id.to_string() + " is not there any more",
                {.hint = "upload the file again"});
  }
  NewFile copy(path);
  std::uint64_t written = 0;
  for (std::uint64_t number = 1; piece && written < most; ++number) {
    auto next = store_.read_piece(id, number);
    const auto end = piece->find_last_of("\r\n");
    const bool is_cut = next && written + piece->size() >= most;
    if (is_cut && end != std::string::npos) piece->resize(end + 1);
    copy.write(*piece);
    written += piece->size();
    if (is_cut) break;
    piece = std::move(next);
  }
  copy.keep();
}

}  // namespace freight::daemon
