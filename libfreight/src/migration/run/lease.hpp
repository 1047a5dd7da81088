#pragma once

#include <atomic>
#include <chrono>
#include <mutex>
#include <optional>

#include "freight/job.hpp"
#include "freight/migration_store.hpp"

namespace freight::migration {

/// Thrown where a migration is not to be driven any further.
struct Halted {
  enum class Reason : std::uint8_t {
    stopping,    ///< the engine
    lost,        ///< another node drives it
    paused,      ///< by a person
    cancelling,  ///< by a person
    ended,       ///< by the drive itself
  };
  Reason reason;
};

/// The right to drive one migration. Thread-safe.
class DrivingLease {
 public:
  DrivingLease(MigrationStore& store, const MigrationReference& migration, LeaseToken token,
               std::chrono::milliseconds duration, const std::atomic<bool>& stopping)
      : store_(store),
        migration_(migration),
        token_(token),
        duration_(duration),
        stopping_(stopping) {}

  /// Throws Halted when the migration is not to be driven any further; renews the lease when it is
  /// time to. To be called at least a few times a second. While the storage cannot be reached the
  /// lease stands.
  void check();
  /// The same while a person's cancellation is carried out.
  void check_while_cancelling();
  /// Renews the lease when it is time to, for whoever is at work with something that does not
  /// check. Never throws.
  void keep() noexcept;
  /// The status in force as it was last heard of.
  std::optional<JobStatus> status();

  /// Writes the report. Waits while the storage is away. Throws as check(), but for a status that
  /// the report itself sets.
  void save(MigrationReport report);

  const MigrationReference& migration() const { return migration_; }
  const std::atomic<bool>& stopping() const { return stopping_; }
  void release();

 private:
  void renew();
  static void halt_when_due(std::optional<JobStatus> status, bool cancelling);

  MigrationStore& store_;
  const MigrationReference migration_;
  const LeaseToken token_;
  const std::chrono::milliseconds duration_;
  const std::atomic<bool>& stopping_;
  std::mutex mutex_;
  std::chrono::steady_clock::time_point renewed_at_ = std::chrono::steady_clock::now();
  std::optional<JobStatus> status_ = JobStatus::running;
};

}  // namespace freight::migration
