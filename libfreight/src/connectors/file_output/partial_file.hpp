#pragma once

#include <cstdint>
#include <string_view>

#include "connectors/file/descriptor.hpp"
#include "connectors/file_output/output_path.hpp"
#include "connectors/file_output/unit_ledger.hpp"
#include "freight/connector_context.hpp"

namespace freight::file {

/// A job's file while it is not complete, and the ledger beside it that says how far it is good:
/// what is behind that length was being written when a process died, and is cut off. Several
/// processes of one job may have it open; Turn keeps them apart. Not thread-safe.
class PartialFile {
 public:
  enum class Found {
    nothing,
    both,     ///< the data file and its ledger
    renamed,  ///< the ledger alone: the data file has its final name already
  };
  static Found look_for(const OutputPath& path);

  /// Makes both files anew. Under the folder's lock, as open().
  static PartialFile make(const OutputPath& path, JobId job_id);
  static PartialFile open(const OutputPath& path);
  /// Removes both, as far as they are there.
  static void remove(const OutputPath& path);

  /// Keeps other processes of the job out, and knows what they have written. Throws
  /// destination_failed when the files were removed.
  class Turn {
   public:
    explicit Turn(PartialFile& file);
    ~Turn();
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;

   private:
    PartialFile& file_;
  };

  const UnitLedger& ledger() const { return ledger_; }

  /// Adds a unit and its bytes (`unit.length` is set here), lasting when it returns. Within a Turn.
  /// Throws lease_lost when it is too late for the lease: then the unit is not in the ledger.
  void append(WrittenUnit unit, std::string_view bytes, const ConnectorContext& context);

  /// Gives the data file its final name, in the place of what has it. `header` is its content when
  /// nothing was written. Within a Turn.
  void publish(std::string_view header);

 private:
  PartialFile(const OutputPath& path, int flags);

  void read_ledger();
  void cut_data();
  void write_data(std::string_view bytes);

  OutputPath path_;
  Descriptor data_file_;
  Descriptor ledger_file_;
  UnitLedger ledger_;
};

}  // namespace freight::file
