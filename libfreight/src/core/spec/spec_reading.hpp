#pragma once

#include "core/spec/environment.hpp"
#include "core/spec/findings.hpp"
#include "freight/job_spec.hpp"

namespace freight::core::spec {

/// What the readers of all sections share.
struct SpecReading {
  const SpecOptions& options;
  Findings& findings;
  Environment& environment;
  /// A password was left out of what is stored.
  bool secrets_left_out = false;
};

}  // namespace freight::core::spec
