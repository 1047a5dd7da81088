#include "core/spec/connection_url.hpp"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace freight::core::spec {
namespace {

constexpr std::string_view short_scheme = "postgres://";
constexpr std::string_view scheme = "postgresql://";

int hex_digit(char character) {
  if (character >= '0' && character <= '9') return character - '0';
  if (character >= 'a' && character <= 'f') return character - 'a' + 10;
  if (character >= 'A' && character <= 'F') return character - 'A' + 10;
  return -1;
}

/// Percent-decoded; what cannot be decoded stays.
std::string decoded(std::string_view text) {
  std::string result;
  for (std::size_t index = 0; index < text.size(); ++index) {
    const bool escape = text[index] == '%' && index + 2 < text.size();
    const int high = escape ? hex_digit(text[index + 1]) : -1;
    const int low = escape ? hex_digit(text[index + 2]) : -1;
    if (high < 0 || low < 0) {
      result += text[index];
      continue;
    }
    result += static_cast<char>(high * 16 + low);
    index += 2;
  }
  return result;
}

bool is_port(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  return error == std::errc{} && end == text.data() + text.size() && port > 0;
}

/// `host`, `host:port`, `[address]`, `[address]:port`, or nothing.
bool is_host(std::string_view text) {
  std::size_t name_end = text.find(':');
  if (text.starts_with('[')) {
    const std::size_t bracket = text.find(']');
    if (bracket == std::string_view::npos) return false;
    name_end = bracket + 1;
  }
  if (name_end >= text.size()) return true;
  return text[name_end] == ':' && is_port(text.substr(name_end + 1));
}

bool are_hosts(std::string_view text) {
  while (true) {
    const std::size_t comma = text.find(',');
    if (!is_host(text.substr(0, comma))) return false;
    if (comma == std::string_view::npos) return true;
    text.remove_prefix(comma + 1);
  }
}

struct Parameter {
  std::size_t begin = 0;
  std::size_t end = 0;
  bool secret = false;
};

/// Finds the parameters after the `?` at `question`. False when one has no value.
bool split_parameters(std::string_view url, std::size_t question,
                      std::vector<Parameter>& parameters) {
  std::size_t begin = question + 1;
  while (begin < url.size()) {
    const std::size_t end = std::min(url.find('&', begin), url.size());
    const std::string_view parameter = url.substr(begin, end - begin);
    const std::size_t equals = parameter.find('=');
    if (equals == std::string_view::npos || equals == 0) return false;
    const std::string name = decoded(parameter.substr(0, equals));
    parameters.push_back({begin, end, name == "password" || name == "sslpassword"});
    begin = end + 1;
  }
  return !url.ends_with('&');
}

/// What to leave out so that the secret parameters are gone and the rest is still a URL.
void add_secret_parameters(const std::vector<Parameter>& parameters, const SpecText& text,
                           std::vector<TextRange>& secrets) {
  std::vector<Parameter> list = parameters;
  for (Parameter& parameter : list) {
    const std::size_t equals = text.value.find('=', parameter.begin);
    if (is_substituted(text, {equals + 1, parameter.end})) parameter.secret = false;
  }
  for (std::size_t index = 0; index < list.size(); ++index) {
    if (!list[index].secret) continue;
    const bool kept_later = std::any_of(list.begin() + static_cast<std::ptrdiff_t>(index),
                                        list.end(), [](const Parameter& p) { return !p.secret; });
    if (kept_later) {
      secrets.push_back({list[index].begin, list[index + 1].begin});
    } else {
      // The last ones: the separator before them goes too.
      secrets.push_back({list[index].begin - 1, list.back().end});
      return;
    }
  }
}

void use_long_scheme(std::string& url) {
  if (url.starts_with(short_scheme)) url.replace(0, short_scheme.size(), scheme);
}

/// Looks for a password between `user:` and `@`. One that is written here is to be left out, its
/// colon too.
void find_password(const SpecText& text, TextRange credentials, ConnectionUrl& url,
                   std::vector<TextRange>& secrets) {
  const std::size_t colon = text.value.find(':', credentials.begin);
  if (colon >= credentials.end) return;
  url.has_password = true;
  if (is_substituted(text, {colon + 1, credentials.end})) return;
  secrets.push_back({colon, credentials.end});
}

/// Says what is stored without the secrets, or why they cannot be left out.
void leave_out(const std::vector<TextRange>& secrets, const SpecText& text, ConnectionUrl& url) {
  if (cuts_placeholder(text, secrets)) {
    url.problem =
        "a password must be written as a whole or come as a whole from the environment: here a "
        "${env:NAME} stands for a part of it, or of what surrounds it, and for more";
    return;
  }
  url.password_left_out = !secrets.empty();
  url.stored = written_without(text, secrets);
}

}  // namespace

ConnectionUrl parse_postgresql_url(const SpecText& text) {
  ConnectionUrl result;
  const std::string_view url = text.value;
  std::vector<TextRange> secrets;

  // libpq: credentials end at the first @, unless a slash comes before it.
  std::size_t host_begin = url.find("//") + 2;
  const std::size_t separator = url.find_first_of("@/", host_begin);
  if (separator != std::string_view::npos && url[separator] == '@') {
    find_password(text, {host_begin, separator}, result, secrets);
    host_begin = separator + 1;
  }
  const std::size_t question = std::min(url.find('?', host_begin), url.size());
  const std::size_t slash = std::min(url.find('/', host_begin), question);
  std::vector<Parameter> parameters;
  if (url.substr(host_begin, question - host_begin).find('@') != std::string_view::npos) {
    result.problem = "an @, / or ? in the user or password must be written as %40, %2F or %3F";
  } else if (!are_hosts(url.substr(host_begin, slash - host_begin))) {
    result.problem =
        "the port must be a number from 1 to 65535 (a / in a password is written as %2F)";
  } else if (!split_parameters(url, question, parameters)) {
    result.problem = "what follows the ? must be parameter=value, joined by &";
  }
  if (!result.problem.empty()) return result;
  add_secret_parameters(parameters, text, secrets);
  result.has_password = result.has_password ||
                        std::any_of(parameters.begin(), parameters.end(),
                                    [](const Parameter& parameter) { return parameter.secret; });
  leave_out(secrets, text, result);
  result.url = text.value;
  use_long_scheme(result.stored);
  use_long_scheme(result.url);
  return result;
}

ConnectionUrl hide_password(const SpecText& text) {
  ConnectionUrl result;
  result.url = text.value;
  std::vector<TextRange> secrets;
  const std::size_t scheme_end = text.value.find("://");
  if (scheme_end != std::string::npos) {
    const std::size_t user_begin = scheme_end + 3;
    const std::size_t authority_end =
        std::min(text.value.find_first_of("/?# \t\r\n", user_begin), text.value.size());
    const std::string_view authority = std::string_view(text.value).substr(0, authority_end);
    const std::size_t at_sign = authority.rfind('@');
    if (at_sign != std::string_view::npos && at_sign >= user_begin) {
      find_password(text, {user_begin, at_sign}, result, secrets);
    }
  }
  leave_out(secrets, text, result);
  return result;
}

}  // namespace freight::core::spec
