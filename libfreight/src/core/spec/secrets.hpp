#pragma once

#include <set>
#include <string>

#include "core/spec/connection_url.hpp"
#include "core/spec/location.hpp"

namespace freight::core::spec {

/// Which connection URLs of a spec have a password. Pointers are JSON pointers.
struct Secrets {
  /// Those whose password is written in the spec and so was left out of what is stored.
  std::set<std::string> left_out;
  /// Those that have none.
  std::set<std::string> bare;

  void note(const Location& location, const ConnectionUrl& url);
  void add(Secrets other);
};

}  // namespace freight::core::spec
