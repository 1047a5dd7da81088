#pragma once

#include "rest/call.hpp"

namespace freight::daemon::rest {

/// Throws the problem of a tenant that may have no more jobs now.
void require_quota(const Call& call);

}  // namespace freight::daemon::rest
