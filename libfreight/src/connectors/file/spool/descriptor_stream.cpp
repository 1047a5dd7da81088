#include "connectors/file/spool/descriptor_stream.hpp"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>

#include "connectors/file/system_condition.hpp"
#include "freight/error.hpp"

namespace freight::spool {
namespace {

constexpr int look_at_stop_ms = 100;

}  // namespace

DescriptorStream::DescriptorStream(std::filesystem::path name, file::Descriptor descriptor,
                                   std::stop_token stop)
    : name_(std::move(name)), descriptor_(std::move(descriptor)), stop_(std::move(stop)) {}

std::size_t DescriptorStream::read(std::span<char> bytes) {
  if (peeked_.empty()) return read_on(bytes);
  const std::size_t size = std::min(bytes.size(), peeked_.size());
  std::copy_n(peeked_.begin(), size, bytes.begin());
  peeked_.erase(0, size);
  return size;
}

std::string_view DescriptorStream::peek(std::size_t size) {
  while (peeked_.size() < size) {
    std::string more(size - peeked_.size(), '\0');
    const std::size_t count = read_on(more);
    if (count == 0) break;
    peeked_.append(more, 0, count);
  }
  return std::string_view(peeked_).substr(0, size);
}

std::size_t DescriptorStream::read_on(std::span<char> bytes) {
  while (true) {
    if (stop_.stop_requested()) throw Error(Code::cancelled, "the job is being stopped");
    pollfd ready{.fd = descriptor_.number(), .events = POLLIN, .revents = 0};
    if (::poll(&ready, 1, look_at_stop_ms) == 0) continue;
    const ssize_t count = ::read(descriptor_.number(), bytes.data(), bytes.size());
    if (count >= 0) {
      bytes_read_ += static_cast<std::uint64_t>(count);
      return static_cast<std::size_t>(count);
    }
    if (errno == EINTR || errno == EAGAIN) continue;
    const std::string message = "The source " + name_.string() +
                                " cannot be read: " + std::generic_category().message(errno);
    if (file::is_system_condition(errno)) {
      throw Error(Code::source_unavailable, message, {.outage = true});
    }
    throw Error(Code::source_unreadable, message);
  }
}

}  // namespace freight::spool
