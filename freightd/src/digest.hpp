#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace freight::daemon {

/// SHA-256 of bytes that come piece by piece. Not thread-safe.
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  void add(std::string_view bytes);
  /// The 32 bytes. Once.
  std::string finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// The 32 bytes.
std::string sha256(std::string_view bytes);

}  // namespace freight::daemon
