#include "commands/command.hpp"
#include "server.hpp"

namespace freight::daemon {

int serve_command(const Options& options) { return Server(Server::Role::serve, options).run(); }

int worker_command(const Options& options) { return Server(Server::Role::worker, options).run(); }

}  // namespace freight::daemon
