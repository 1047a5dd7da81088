#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "freight/ids.hpp"
#include "freight/time.hpp"

namespace freight {

/// @addtogroup surroundings
/// @{

/// What an event tells of, and so what its Event::data holds.
enum class EventType : std::uint8_t {
  progress,   ///< where a job stands; of many changes in a row only some
  state,      ///< a job changed its status
  batch,      ///< a batch was completed, is to be retried or was given up
  log,        ///< an entry of a job's log, but for those of single records
  migration,  ///< a migration changed its status, or one of its tables did
};

/// The type's name, as REST streams have it.
std::string_view to_string(EventType type);
/// The type of that name; nullopt when there is none.
std::optional<EventType> parse_event_type(std::string_view name);

/// Something that happened to a job or a migration, written in the transaction that made it happen.
struct Event {
  /// Increases strictly within a tenant, in the order of commits; there may be gaps.
  std::uint64_t sequence = 0;
  TenantId tenant_id;
  /// Nil for what happened to a migration.
  JobId job_id;
  EventType type = EventType::state;
  Timestamp time;
  /// A JSON object without line breaks. progress: `status`, `read`, `succeeded`, `rejected`,
  /// `skipped`, `filtered`, `with_warnings`, `records_planned`, `planned`, `bytes_read`,
  /// `batches_total`, `batches_completed`, `batches_failed`. state: `status`, `code` of its error.
  /// batch: `batch_id`, `sequence`, `status`, `attempt`, `first_ordinal`, `records`, `succeeded`,
  /// `rejected`, `code`. log: `log_sequence`, `event`, `batch_sequence`, `attempt`, `code`.
  /// migration: `migration_id`, `status`, `tables`, `tables_completed`, `tables_failed`.
  std::string data;
};

/// Which events to read.
struct EventQuery {
  /// Those with a greater sequence.
  std::uint64_t after = 0;
  /// The job whose events are wanted; nullopt for all of the tenant's.
  std::optional<JobId> job_id;
  /// Empty for all.
  std::vector<EventType> types;
  /// How many at the most, from the lowest sequence on.
  std::uint32_t limit = 1000;
};

/// Gets events as they happen. Implementations are thread-safe, do not throw and return soon: they
/// are called by whoever has just committed. Events of one job may arrive out of order when several
/// threads work for it; their sequence tells.
class EventSink {
 public:
  virtual ~EventSink() = default;
  /// Called once for each event, on the thread that committed it. `event` is valid for the call.
  virtual void event(const Event& event) noexcept = 0;
};

/// @}

}  // namespace freight
