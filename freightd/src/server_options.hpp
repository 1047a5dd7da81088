#pragma once

#include <boost/program_options/options_description.hpp>

#include "option_reader.hpp"
#include "options.hpp"

namespace freight::daemon {

// The options of `serve`, `worker` and `prune`, by what they are about.

void add_server(boost::program_options::options_description& described);
void add_health(boost::program_options::options_description& described);
void add_master_key(boost::program_options::options_description& described);
void add_blobs(boost::program_options::options_description& described);
/// What tenants may reach and where their files and secrets are; with add_blobs().
void add_tenants_reach(boost::program_options::options_description& described);
void add_retention(boost::program_options::options_description& described);
void add_log(boost::program_options::options_description& described);

/// Throws Error(usage).
void read_server(const OptionReader& reader, ServerOptions& server);

}  // namespace freight::daemon
