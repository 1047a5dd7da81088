#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "freight/connector_registry.hpp"
#include "freight/job_spec.hpp"

namespace freight {

/// @addtogroup running
/// @{

/// How much a preview reads.
struct PreviewOptions {
  /// 1 to 100.
  std::uint32_t limit = 20;
  /// After it the records that were read by then are shown.
  std::chrono::milliseconds timeout{5000};
  /// Whose spec it is, for connectors that look up what belongs to a tenant.
  TenantId tenant_id = {};
};

/// One record as it was read and as it would be written.
struct PreviewRecord {
  std::uint64_t ordinal = 0;
  /// From 1; 0 where a source has no lines.
  std::uint64_t line = 0;
  /// As SourceRecord::file.
  std::string file;
  /// Field and text, in the source's order; without a text where there is nothing.
  std::vector<std::pair<std::string, std::optional<std::string>>> source;
  /// By Preview::columns; empty when the record would not be written.
  std::vector<std::optional<std::string>> mapped;
  /// The filter drops it.
  bool filtered = false;
  /// Why it would be rejected, or (when `mapped` is not empty) what was changed in it.
  std::vector<RecordError> errors;
};

/// The first records of a source, as they were read and as they would be written.
struct Preview {
  /// Those that the job fills, in the order of PreviewRecord::mapped.
  std::vector<OutputColumn> columns;
  std::vector<PreviewRecord> records;
};

/// Takes the first records of the spec's source through every stage but the write. Looks at the
/// destination's catalog and touches nothing. Throws what the connectors throw: the table is
/// missing, a field is not in the header, nobody answers. Thread-safe.
Preview preview(const JobSpec& spec, const ConnectorRegistry& connectors,
                const PreviewOptions& options = {});

/// @}

}  // namespace freight
