#pragma once

#include <boost/json/object.hpp>

#include "migration_report.hpp"

namespace freight::daemon::rest {

/// A migration as it stands in lists: without its spec, tables, constraints and notes.
boost::json::object shape_of(const Migration& migration);
/// All of it, with what became of each table.
boost::json::object shape_of(const MigrationView& view);

}  // namespace freight::daemon::rest
