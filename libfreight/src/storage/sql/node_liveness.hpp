#pragma once

#include <vector>

#include "freight/ids.hpp"

namespace freight::storage {

/// How a storage knows at once that a node's process is gone, before its leases run out.
/// Thread-safe.
class NodeLiveness {
 public:
  virtual ~NodeLiveness() = default;

  /// Before the node is written to the database: from here on it counts as alive.
  virtual void enter(NodeId node) = 0;
  /// After the node has left the database, or was found dead. Idempotent.
  virtual void leave(NodeId node) = 0;
  /// True only when the node's process has surely ended.
  virtual bool is_dead(NodeId node) = 0;
  /// False when is_dead() never answers true: then nobody needs to ask.
  virtual bool can_tell() const = 0;
};

/// Knows nothing: leases run out by time alone.
class LeaseOnlyLiveness final : public NodeLiveness {
 public:
  void enter(NodeId) override {}
  void leave(NodeId) override {}
  bool is_dead(NodeId) override { return false; }
  bool can_tell() const override { return false; }
};

}  // namespace freight::storage
