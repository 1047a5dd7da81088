#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "rest/call.hpp"

namespace freight::daemon::rest {

/// Finds the operation of a method and a path.
class Router {
 public:
  using PathParts = std::map<std::string, std::string, std::less<>>;

  /// The routes must outlive it.
  explicit Router(const std::vector<std::span<const Route>>& tables);

  struct Match {
    /// nullptr when the path has no such method (`allowed` is not empty), or is none.
    const Route* route = nullptr;
    PathParts path;
    std::string allowed;
  };
  Match find(std::string_view method, std::string_view path) const;

  const std::vector<const Route*>& routes() const { return routes_; }

 private:
  std::vector<const Route*> routes_;
};

}  // namespace freight::daemon::rest
