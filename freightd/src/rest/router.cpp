#include "rest/router.hpp"

namespace freight::daemon::rest {
namespace {

std::string_view next_part(std::string_view& path) {
  path.remove_prefix(1);
  const std::string_view part = path.substr(0, path.find('/'));
  path.remove_prefix(part.size());
  return part;
}

bool is_variable(std::string_view part) { return part.starts_with('{'); }

bool matches(std::string_view pattern, std::string_view path) {
  while (!pattern.empty() && !path.empty() && path.front() == '/') {
    const std::string_view wanted = next_part(pattern);
    const std::string_view given = next_part(path);
    if (is_variable(wanted) ? given.empty() : wanted != given) return false;
  }
  return pattern.empty() && path.empty();
}

/// What stands in a path that matches for the parts that the pattern names.
Router::PathParts parts_of(std::string_view pattern, std::string_view path) {
  Router::PathParts parts;
  while (!pattern.empty()) {
    const std::string_view wanted = next_part(pattern);
    const std::string_view given = next_part(path);
    if (is_variable(wanted)) parts.emplace(wanted.substr(1, wanted.size() - 2), given);
  }
  return parts;
}

}  // namespace

Router::Router(const std::vector<std::span<const Route>>& tables) {
  for (const auto& table : tables) {
    for (const Route& route : table) routes_.push_back(&route);
  }
}

Router::Match Router::find(std::string_view method, std::string_view path) const {
  // What is read may be asked for without its body (RFC 9110 section 9.3.2).
  const std::string_view wanted = method == "HEAD" ? "GET" : method;
  Match found;
  for (const Route* const route : routes_) {
    if (!matches(route->path, path)) continue;
    if (route->method == wanted) return {.route = route, .path = parts_of(route->path, path)};
    if (route->method == "GET") found.allowed += "HEAD, ";
    found.allowed += std::string(route->method) + ", ";
  }
  if (!found.allowed.empty()) found.allowed += "OPTIONS";
  return found;
}

}  // namespace freight::daemon::rest
