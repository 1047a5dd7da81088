#include "engine/batch_buffers.hpp"

#include <cstddef>
#include <new>
#include <utility>

namespace freight::engine {
namespace {

/// One batch of very wide or long records must not hold its memory for ever.
constexpr std::size_t largest_kept = std::size_t{32} << 20;

std::size_t footprint(const BatchBuffer& buffer) {
  return buffer.records.buffer.capacity() + buffer.records.fields.capacity() * sizeof(SourceField) +
         buffer.mapped.rows.values.capacity() * sizeof(Value);
}

}  // namespace

BatchBuffers::Lent BatchBuffers::lend() {
  {
    const std::lock_guard lock(mutex_);
    if (!idle_.empty()) {
      auto buffer = std::move(idle_.back());
      idle_.pop_back();
      return {*this, std::move(buffer)};
    }
  }
  return {*this, std::make_unique<BatchBuffer>()};
}

void BatchBuffers::take_back(std::unique_ptr<BatchBuffer> buffer) noexcept {
  if (footprint(*buffer) > largest_kept) return;
  buffer->records.clear();
  buffer->mapped.clear();
  try {
    const std::lock_guard lock(mutex_);
    idle_.push_back(std::move(buffer));
  } catch (const std::bad_alloc&) {
    // Without room for a pointer the buffer is better freed.
  }
}

}  // namespace freight::engine
