#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "engine/batch_buffers.hpp"
#include "engine/lease_keeper.hpp"
#include "freight/time.hpp"

namespace freight::engine {

/// What names a batch in the ledger.
struct WriteUnit {
  std::string name;
  std::string content_hash;
};

/// A batch that was read and mapped and is ready to be written.
struct PreparedBatch {
  BatchBuffers::Lent buffer;
  Timestamp started_at;
  WriteUnit unit = {};
};

/// Whose turn it is to write among the batches of one ordered job on this node. Batches are read
/// and mapped by any number of workers; one that is ready before its turn is parked, without a
/// worker, until its predecessors are written.
///
/// It rests on what WorkStore::claim() promises: when a batch is claimed, this node holds all its
/// unfinished predecessors. When one of them leaves the node unwritten, those behind it are spoiled
/// and must be handed back, also when the predecessor comes again: only storage knows who has it in
/// between. Thread-safe.
class WriteTurns {
 public:
  /// A batch was claimed.
  void enter(std::shared_ptr<LeasedTask> leased);

  enum class Answer : std::uint8_t {
    write,    ///< its turn: all before it are written
    park,     ///< kept; next_ready() gives the task when its turn has come
    go_back,  ///< to be handed back
  };
  /// The batch could be written now. With `park` it has been taken over; otherwise it stays with
  /// the caller. `may_park` false: go back instead.
  Answer arrive(LeaseToken token, PreparedBatch& prepared, bool may_park);

  /// A parked batch whose turn has come, or that is to be handed back; nullptr when there is none.
  std::shared_ptr<LeasedTask> next_ready();
  /// What was parked under this lease.
  std::optional<PreparedBatch> unpark(LeaseToken token);

  /// The batch is written, or given up: its successors need not wait for it.
  void done(LeaseToken token);
  /// The task was run and ends; nothing happens to one that is done or parked. Else it leaves the
  /// node unwritten.
  void leave(LeaseToken token);
  /// Storage knows what became of the task, or it is nobody's any more.
  void settle(LeaseToken token);

  bool empty() const;
  /// Forgets all; the tasks that were parked.
  std::vector<std::shared_ptr<LeasedTask>> clear();

 private:
  enum class State : std::uint8_t { held, parked, gone };
  struct Entry {
    std::shared_ptr<LeasedTask> leased;
    State state = State::held;
    bool spoiled = false;
    std::optional<PreparedBatch> prepared = {};

    std::uint64_t sequence() const { return leased->task.sequence; }
  };

  std::vector<Entry>::iterator find(LeaseToken token);
  bool is_first(const Entry& entry) const;
  void spoil_after(std::uint64_t sequence);

  mutable std::mutex mutex_;
  /// Few: no more than were claimed and not settled.
  std::vector<Entry> entries_;
};

}  // namespace freight::engine
