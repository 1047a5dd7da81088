#pragma once

#include "freight/engine/work_store.hpp"
#include "freight/job_store.hpp"

namespace freight::engine {

/// The two faces of a storage that an engine works with. Copied freely.
struct Stores {
  /// What people ask.
  JobStore& jobs;
  /// What engines do.
  WorkStore& work;
};

}  // namespace freight::engine
