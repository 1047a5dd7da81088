#pragma once

#include "core/spec/environment.hpp"
#include "core/spec/findings.hpp"
#include "core/spec/secrets.hpp"
#include "freight/job_spec.hpp"

namespace freight::core::spec {

/// What the readers of all sections share.
struct SpecReading {
  const SpecOptions& options;
  Findings& findings;
  Environment& environment;
  Secrets secrets = {};
};

}  // namespace freight::core::spec
