#pragma once

/// What a program needs that embeds Freight: jobs, engine, storage, connectors of its own. Left out
/// are `freight/engine/…`, for storage backends, `freight/testing/…`, the suites for connectors and
/// storages of one's own, the stores of what a service keeps for its tenants
/// (`connection_store.hpp`, `upload_store.hpp`), and migrations (`migration_engine.hpp`).

#include "freight/connector_context.hpp"
#include "freight/connector_registry.hpp"
#include "freight/connector_spec.hpp"
#include "freight/dead_letters.hpp"
#include "freight/destination.hpp"
#include "freight/error.hpp"
#include "freight/events.hpp"
#include "freight/executor.hpp"
#include "freight/ids.hpp"
#include "freight/inspection.hpp"
#include "freight/job.hpp"
#include "freight/job_engine.hpp"
#include "freight/job_queries.hpp"
#include "freight/job_retry.hpp"
#include "freight/job_spec.hpp"
#include "freight/job_spec_schema.hpp"
#include "freight/job_store.hpp"
#include "freight/job_submission.hpp"
#include "freight/preview.hpp"
#include "freight/reconciliation.hpp"
#include "freight/record.hpp"
#include "freight/record_log.hpp"
#include "freight/report.hpp"
#include "freight/retry_policy.hpp"
#include "freight/sinks.hpp"
#include "freight/source.hpp"
#include "freight/storage.hpp"
#include "freight/tenant_limits.hpp"
#include "freight/tenant_store.hpp"
#include "freight/time.hpp"

/// Moves records between systems in batches, each record exactly once, and accounts for every one.
namespace freight {}
