#pragma once

#include <memory>
#include <mutex>
#include <vector>

#include "freight/record.hpp"
#include "mapping/record_mapper.hpp"

namespace freight::engine {

/// The memory of one batch on its way.
struct BatchBuffer {
  RecordBatch records;
  mapping::MappedBatch mapped;
};

/// Lends buffers to workers and takes them back with their memory, so that batch after batch
/// allocates nothing. Thread-safe.
class BatchBuffers {
 public:
  /// Gives the buffer back when it goes.
  class Lent {
   public:
    Lent(BatchBuffers& owner, std::unique_ptr<BatchBuffer> buffer)
        : owner_(owner), buffer_(std::move(buffer)) {}
    ~Lent() { owner_.take_back(std::move(buffer_)); }
    Lent(const Lent&) = delete;
    Lent& operator=(const Lent&) = delete;
    BatchBuffer& operator*() const { return *buffer_; }
    BatchBuffer* operator->() const { return buffer_.get(); }

   private:
    BatchBuffers& owner_;
    std::unique_ptr<BatchBuffer> buffer_;
  };

  Lent lend();

 private:
  void take_back(std::unique_ptr<BatchBuffer> buffer) noexcept;

  std::mutex mutex_;
  std::vector<std::unique_ptr<BatchBuffer>> idle_;
};

}  // namespace freight::engine
