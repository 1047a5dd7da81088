#include "engine/batch_buffers.hpp"

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

/// The buffers that nobody uses.
class BatchBuffers::Shelf {
 public:
  std::unique_ptr<BatchBuffer> take() {
    const std::lock_guard lock(mutex_);
    ++lent_;
    if (idle_.empty()) return nullptr;
    auto buffer = std::move(idle_.back());
    idle_.pop_back();
    return buffer;
  }

  void put(std::unique_ptr<BatchBuffer> buffer) noexcept {
    const bool kept = footprint(*buffer) <= largest_kept;
    if (kept) {
      buffer->records.clear();
      buffer->mapped.clear();
    }
    const std::lock_guard lock(mutex_);
    --lent_;
    if (!kept) return;
    try {
      idle_.push_back(std::move(buffer));
    } catch (const std::bad_alloc&) {
      // Without room for a pointer the buffer is better freed.
    }
  }

  std::size_t lent() const {
    const std::lock_guard lock(mutex_);
    return lent_;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<std::unique_ptr<BatchBuffer>> idle_;
  std::size_t lent_ = 0;
};

void BatchBuffers::TakeBack::operator()(BatchBuffer* buffer) const noexcept {
  shelf->put(std::unique_ptr<BatchBuffer>(buffer));
}

BatchBuffers::BatchBuffers() : shelf_(std::make_shared<Shelf>()) {}

BatchBuffers::Lent BatchBuffers::lend() {
  auto buffer = shelf_->take();
  if (!buffer) buffer = std::make_unique<BatchBuffer>();
  return {buffer.release(), TakeBack{shelf_}};
}

std::size_t BatchBuffers::lent() const { return shelf_->lent(); }

}  // namespace freight::engine
