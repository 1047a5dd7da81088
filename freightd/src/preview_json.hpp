#pragma once

#include <boost/json/object.hpp>

#include "freight/preview.hpp"

namespace freight::daemon {

/// `{columns: [{name, type}], records: [{ordinal, source, mapped, filtered, errors}]}`.
boost::json::object json_of(const Preview& preview);

}  // namespace freight::daemon
