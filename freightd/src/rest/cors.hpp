#pragma once

#include <string>
#include <vector>

#include "http/message.hpp"

namespace freight::daemon::rest {

// Which pages of other origins may call (the Fetch standard's CORS protocol). None, unless the
// operator names them.

/// Answers OPTIONS: a browser's question before a call, or what a path allows.
http::Answer answer_options(const http::Request& request, const std::vector<std::string>& origins,
                            const std::string& allowed);

/// Lets a page of an origin that is named read the answer.
void add_cors_headers(const http::Request& request, const std::vector<std::string>& origins,
                      http::Answer& answer);

}  // namespace freight::daemon::rest
