#pragma once

#include <cstddef>
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
/// allocates nothing. Thread-safe. Lent buffers may outlive it.
class BatchBuffers {
  class Shelf;
  struct TakeBack {
    std::shared_ptr<Shelf> shelf;
    void operator()(BatchBuffer* buffer) const noexcept;
  };

 public:
  /// Gives the buffer back when it goes.
  using Lent = std::unique_ptr<BatchBuffer, TakeBack>;

  BatchBuffers();

  Lent lend();
  /// How many are out.
  std::size_t lent() const;

 private:
  std::shared_ptr<Shelf> shelf_;
};

}  // namespace freight::engine
