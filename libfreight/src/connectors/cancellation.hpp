#pragma once

#include <stop_token>

#include "freight/error.hpp"

namespace freight::connectors {

/// Throws Error(cancelled) when a stop was asked for.
inline void throw_if_cancelled(const std::stop_token& stop) {
  if (stop.stop_requested()) throw Error(Code::cancelled, "The source was asked to stop reading");
}

}  // namespace freight::connectors
