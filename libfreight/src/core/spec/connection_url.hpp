#pragma once

#include <string>
#include <string_view>

#include "core/spec/environment.hpp"

namespace freight::core::spec {

/// A connection URL, taken apart as far as is needed to know where its secrets stand.
struct ConnectionUrl {
  /// As given, with the scheme `postgresql` for `postgres`.
  std::string url;
  /// As written, without passwords.
  std::string stored;
  /// It has a password, be it from the environment.
  bool has_password = false;
  bool password_left_out = false;
  /// What is wrong with it, without any part of it that may be secret; empty when nothing is.
  std::string problem;
};

/// Reads a text that begins with `postgresql://` or `postgres://`:
/// `postgresql://[user[:password]@][host[:port][,…]][/database][?parameter=value&…]`, read as libpq
/// reads it. Text that libpq would take for a host although it may be half a password is a problem.
ConnectionUrl parse_postgresql_url(const SpecText& text);

/// Any other text of which only secrets matter: `scheme://user:password@…` loses its password.
ConnectionUrl hide_password(const SpecText& text);

}  // namespace freight::core::spec
