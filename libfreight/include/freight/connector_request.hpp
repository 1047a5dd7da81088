#pragma once

#include "freight/ids.hpp"
#include "freight/job_spec.hpp"

namespace freight {

/// @addtogroup connectors
/// @{

/// What a connector is made for. The references are valid for the call that makes it.
struct ConnectorRequest {
  /// The job whose source or destination the connector is.
  const JobSpec& spec;
  /// Whose job it is; nil while a spec is looked at before there is a job.
  TenantId tenant_id = {};
  /// As tenant_id.
  JobId job_id = {};
};

/// @}

}  // namespace freight
