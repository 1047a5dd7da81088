#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/file/joint_fields.hpp"
#include "freight/connector_request.hpp"
#include "freight/job_spec.hpp"
#include "freight/source.hpp"

namespace freight::file {

/// Several files as one source: in byte order of their paths, ordinals running on, every range
/// within one file. Each file is read by a source of its own; a few of them are open at a time. A
/// replay reads its ranges again, because a raw text alone does not say in which order its file has
/// the columns.
class ManyFiles final : public Source {
 public:
  /// Makes the source of one file.
  using MakeSource = std::function<std::unique_ptr<Source>(const ConnectorRequest&)>;

  ManyFiles(const ConnectorRequest& request, MakeSource make);

  SourceDescription describe(ConnectorContext& context) override;
  std::string fingerprint(ConnectorContext& context) override;
  PlanChunk plan(std::string_view position, const PlanLimits& limits,
                 ConnectorContext& context) override;
  void read(const BatchRange& range, RecordBatch& batch, ConnectorContext& context) override;
  void use_fields(std::vector<std::string> fields) override;
  std::optional<std::uint64_t> count(ConnectorContext& context) override;

 private:
  /// A file that is open, or is being opened.
  struct Opened {
    std::size_t file = 0;
    std::mutex mutex = {};
    std::unique_ptr<Source> source = {};
    bool ready = false;
  };

  /// What a look at all the files told. Never changes once it is made.
  struct Look {
    std::vector<std::filesystem::path> files;
    /// Of each file.
    std::vector<std::string> fingerprints;
    JointFields fields;
    std::shared_ptr<const std::vector<std::string>> layout;
    std::string fingerprint;
    SourceDescription description;
  };

  const Look& look(ConnectorContext& context);
  std::unique_ptr<Look> look_at_all(ConnectorContext& context);
  /// Throws Error(source_changed) when the files are not those of the look any more, or not as they
  /// were.
  void check_unchanged(const Look& look, ConnectorContext& context);
  std::string fingerprint_of(std::size_t file, ConnectorContext& context);
  std::unique_ptr<Source> make_source(const std::filesystem::path& file) const;
  /// The source of one file, which is what it was when it was looked at.
  std::shared_ptr<Opened> open(std::size_t file, ConnectorContext& context);
  std::shared_ptr<Opened> entry_of(std::size_t file);
  std::string name_of(const std::filesystem::path& file) const;
  void lay_out(std::size_t file, RecordBatch& batch) const;

  /// All that were named; the spec has none of them.
  const std::vector<std::filesystem::path> named_;
  const JobSpec spec_;
  const TenantId tenant_id_;
  const JobId job_id_;
  const MakeSource make_;
  std::mutex look_mutex_;
  std::unique_ptr<Look> look_;
  bool told_fingerprint_ = false;
  /// Those that use_fields() named.
  std::optional<std::vector<std::string>> used_;
  std::mutex opened_mutex_;
  /// The one that was used last comes first.
  std::list<std::shared_ptr<Opened>> opened_;
};

}  // namespace freight::file
