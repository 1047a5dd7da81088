#pragma once

namespace freight::engine {

/// Uniform in [0, 1), from a generator of the calling thread. For jitter; never for secrets.
double random_share();

}  // namespace freight::engine
