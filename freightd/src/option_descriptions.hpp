#pragma once

#include <boost/program_options.hpp>

#include "options.hpp"

namespace freight::daemon {

/// The options of a command.
boost::program_options::options_description option_descriptions(OptionSet set);

/// Every option of every command: what a configuration file may name.
boost::program_options::options_description all_option_descriptions();

}  // namespace freight::daemon
