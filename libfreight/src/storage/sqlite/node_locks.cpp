#include "storage/sqlite/node_locks.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <system_error>

#include "freight/error.hpp"

namespace freight::storage {
namespace {

namespace fs = std::filesystem;

struct flock whole_file(short type) {
  struct flock lock {};
  lock.l_type = type;
  lock.l_whence = SEEK_SET;
  return lock;
}

[[noreturn]] void fail(const fs::path& path, int error) {
  throw Error(error == EACCES || error == EROFS ? Code::storage_denied
              : error == ENOSPC                 ? Code::storage_full
                                                : Code::storage_failed,
              "cannot lock '" + path.string() + "': " + std::generic_category().message(error),
              {.hint = "the folder of the storage must be writable"});
}

}  // namespace

NodeLocks::NodeLocks(const fs::path& database) : folder_(database.string() + ".nodes") {}

NodeLocks::~NodeLocks() {
  // The files stay: whoever finds one without a lock takes over the work and removes it.
  for (const auto& [node, file] : held_) ::close(file);
}

fs::path NodeLocks::file_of(NodeId node) const { return folder_ / node.to_string(); }

void NodeLocks::enter(NodeId node) {
  const std::lock_guard guard(mutex_);
  if (held_.contains(node)) return;
  const auto path = file_of(node);
  int file = -1;
  // The last node to leave removes the folder, perhaps between these two.
  for (int attempt = 0; attempt < 100 && file < 0; ++attempt) {
    std::error_code error;
    fs::create_directory(folder_, error);
    if (error) fail(folder_, error.value());
    file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    if (file < 0 && errno != ENOENT) fail(path, errno);
  }
  if (file < 0) fail(path, ENOENT);
  auto lock = whole_file(F_WRLCK);
  if (::fcntl(file, F_OFD_SETLK, &lock) != 0) {
    const int reason = errno;
    ::close(file);
    fail(path, reason);
  }
  held_.emplace(node, file);
}

void NodeLocks::leave(NodeId node) {
  const std::lock_guard guard(mutex_);
  std::error_code ignored;  // Another process may have removed it, or be about to.
  fs::remove(file_of(node), ignored);
  if (const auto held = held_.find(node); held != held_.end()) {
    ::close(held->second);
    held_.erase(held);
  }
  fs::remove(folder_, ignored);  // The last one out; it fails while others are in.
}

bool NodeLocks::is_dead(NodeId node) {
  const std::lock_guard guard(mutex_);
  if (held_.contains(node)) return false;
  const int file = ::open(file_of(node).c_str(), O_RDWR | O_CLOEXEC);
  if (file < 0) return errno == ENOENT;
  // Asks without taking: a lock taken for a moment would make others see a living node.
  auto lock = whole_file(F_WRLCK);
  const bool answered = ::fcntl(file, F_OFD_GETLK, &lock) == 0;
  ::close(file);
  return answered && lock.l_type == F_UNLCK;
}

}  // namespace freight::storage
