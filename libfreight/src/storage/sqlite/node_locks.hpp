#pragma once

#include <filesystem>
#include <map>
#include <mutex>

#include "storage/sql/node_liveness.hpp"

namespace freight::storage {

/// A file a node in the folder `<database>.nodes`, each under a lock that the operating system
/// frees when the process ends, however it ends. Such locks belong to an open file, not to a
/// process, so two storages in one process tell each other apart too.
class NodeLocks final : public NodeLiveness {
 public:
  explicit NodeLocks(const std::filesystem::path& database);
  ~NodeLocks() override;

  void enter(NodeId node) override;
  void leave(NodeId node) override;
  bool is_dead(NodeId node) override;
  bool can_tell() const override { return true; }

 private:
  std::filesystem::path file_of(NodeId node) const;

  const std::filesystem::path folder_;
  std::mutex mutex_;
  std::map<NodeId, int> held_;
};

}  // namespace freight::storage
