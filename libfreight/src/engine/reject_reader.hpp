#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "freight/connector_registry.hpp"
#include "freight/job_store.hpp"
#include "mapping/record_mapper.hpp"

namespace freight::engine {

/// Goes over all the rejects of a job: dead letters as they are kept, and those of which only the
/// number was kept as the source has them now. Memory does not grow with their number. Not
/// thread-safe.
class RejectReader {
 public:
  /// Without `connectors`, and when the source is gone or not the same any more, a reject of a
  /// range has its ordinal and its code, and no more.
  RejectReader(JobStore& store, const Job& job, const ConnectorRegistry* connectors);
  ~RejectReader();

  /// In ordinal order. Throws what the store throws and what `visit` throws.
  void for_each(const std::function<void(const DeadLetter&)>& visit);

 private:
  /// The parts that it takes to find out once more why a record is rejected.
  struct Connectors {
    std::unique_ptr<Source> source;
    std::unique_ptr<Destination> destination;
    std::optional<mapping::RecordMapper> mapper;
    ConnectorContext context;
  };

  void connect(const ConnectorRegistry& registry);
  void read_batch(const RejectRange& range);
  DeadLetter letter_of(const RejectRange& range, std::uint64_t ordinal) const;

  JobStore& store_;
  const Job& job_;
  std::unique_ptr<Connectors> connectors_;
  /// The batch that was read last.
  std::optional<std::uint64_t> sequence_;
  RecordBatch records_;
  mapping::MappedBatch mapped_;
};

}  // namespace freight::engine
