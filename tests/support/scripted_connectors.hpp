#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "freight/connector_registry.hpp"

namespace freight::testing {

/// What a job of source and destination type `scripted` does, and what became of it. Set the script
/// before the job runs; read the results at any time. Hooks may throw, and come from many threads.
///
/// The source has `records` records with the fields `id` (the ordinal) and `name`. The destination
/// keeps a unit and its ordinals, and answers a unit that it has from its ledger.
struct Script {
  std::uint64_t records = 100;
  std::string fingerprint = "scripted input";
  Delivery delivery = Delivery::transactional;
  bool has_ledger = true;
  /// What the destination's traits say.
  bool ordered = false;
  /// Refuses to keep a unit whose lease may be another's, as destinations must.
  bool heeds_deadline = true;
  /// The text of the field `id`; the ordinal when empty.
  std::string id_text;
  /// What the destination's catalog has; open when empty.
  std::vector<DestinationColumn> columns;
  /// The source has open fields, and lays its records out in those that it was told.
  bool open_fields = false;

  std::function<void(ConnectorContext&)> on_describe;
  std::function<void(ConnectorContext&)> on_plan;
  std::function<void(const BatchRange&, ConnectorContext&)> on_read;
  std::function<void(RecordBatch&)> after_read;
  std::function<void(ConnectorContext&)> on_prepare;
  /// Before anything is kept.
  std::function<void(const WriteRequest&, ConnectorContext&)> on_write;
  /// After the unit is kept.
  std::function<void(const WriteRequest&, WriteResult&)> after_write;
  std::function<void(ConnectorContext&)> on_finish;
  /// Added to what the ledger and the count answer.
  std::uint64_t ledger_error = 0;
  std::uint64_t count_error = 0;

  std::uint64_t written() const;
  /// Ordinals that arrived more than once.
  std::uint64_t repeated() const;
  std::uint64_t abandoned() const;

  mutable std::mutex mutex;
  std::map<std::string, WriteResult> ledger;
  std::map<std::uint64_t, std::uint64_t> arrivals;
  /// Units in the order in which they were kept.
  std::vector<std::string> order;
  std::uint64_t abandons = 0;
  std::uint64_t rehearsals = 0;
  /// The columns of the last write.
  std::vector<OutputColumn> written_columns;
};

/// Adds both connectors; `script` is shared by all that are made.
void add_scripted_connectors(ConnectorRegistry& registry, const std::shared_ptr<Script>& script);

/// A spec of the scripted connectors: `more` holds further members, each with a comma before it.
JobSpec scripted_spec(const std::string& more = {}, std::uint64_t records_per_batch = 10);

}  // namespace freight::testing
