#include "database/url.hpp"

#include <algorithm>
#include <cctype>

#include "freight/error.hpp"

namespace freight::database {
namespace {

constexpr std::string_view mask = "***";

bool is_secret(std::string_view key) {
  std::string lower(key);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return lower == "password" || lower == "sslpassword";
}

std::string mask_authority(std::string_view authority) {
  // The last '@' ends the user's part: an unescaped one in a password must not show its tail.
  const auto at = authority.rfind('@');
  if (at == std::string_view::npos) return std::string(authority);
  const auto colon = authority.substr(0, at).find(':');
  if (colon == std::string_view::npos) return std::string(authority);
  return std::string(authority.substr(0, colon + 1)) + std::string(mask) +
         std::string(authority.substr(at));
}

std::string mask_query(std::string_view query) {
  std::string masked;
  while (!query.empty()) {
    const auto end = query.find('&');
    const auto pair = query.substr(0, end);
    const auto equals = pair.find('=');
    if (equals != std::string_view::npos && is_secret(pair.substr(0, equals))) {
      masked += std::string(pair.substr(0, equals + 1)) + std::string(mask);
    } else {
      masked += pair;
    }
    if (end == std::string_view::npos) break;
    masked += '&';
    query.remove_prefix(end + 1);
  }
  return masked;
}

// Where `key=` follows a '?'; the end of the text when it does nowhere.
std::size_t query_begin(std::string_view text, std::size_t from) {
  for (auto mark = text.find('?', from); mark != std::string_view::npos;
       mark = text.find('?', mark + 1)) {
    const auto equals = text.find('=', mark);
    const auto key =
        text.substr(mark + 1, equals == std::string_view::npos ? 0 : equals - mark - 1);
    const bool is_key = std::all_of(
        key.begin(), key.end(), [](unsigned char c) { return std::isalpha(c) != 0 || c == '_'; });
    if (!key.empty() && is_key) return mark + 1;
  }
  return text.size();
}

}  // namespace

std::string without_password(std::string_view text) {
  const auto scheme = text.find("://");
  if (scheme == std::string_view::npos) return std::string(text);
  const auto begin = scheme + 3;
  const auto query = query_begin(text, begin);
  // A password may hold '/', '?' or '@' unescaped. Where libpq would refuse it, it must still not
  // show, so the last '@' before the query ends it.
  const auto at = text.substr(0, query).rfind('@');
  auto end = text.find_first_of("/?", at == std::string_view::npos || at < begin ? begin : at);
  end = std::min({end, query, text.size()});
  std::string result(text.substr(0, begin));
  result += mask_authority(text.substr(begin, end - begin));
  result += text.substr(end, query - end);
  return result + mask_query(text.substr(query));
}

std::string Url::display() const {
  return backend == Backend::sqlite ? "sqlite:" + path : without_password(text);
}

Url parse_url(std::string_view text, Code invalid) {
  constexpr std::string_view sqlite = "sqlite:";
  if (text.find('\0') != std::string_view::npos) {
    throw Error(invalid, "a database URL holds a NUL byte");
  }
  if (text.starts_with(sqlite)) {
    Url url{
        .backend = Backend::sqlite, .path = std::string(text.substr(sqlite.size())), .text = {}};
    if (url.path.empty()) {
      throw Error(invalid, "the URL sqlite: names no file", {.hint = "write sqlite:<path>"});
    }
    if (url.path == ":memory:") {
      throw Error(invalid, "an SQLite database in memory cannot be shared between sessions",
                  {.hint = "name a file: sqlite:<path>"});
    }
    return url;
  }
  if (text.starts_with("postgresql://") || text.starts_with("postgres://")) {
    return {.backend = Backend::postgresql, .path = {}, .text = std::string(text)};
  }
  throw Error(invalid, "'" + without_password(text) + "' is not the URL of a database",
              {.hint = "write sqlite:<path> or postgresql://user@host:port/database"});
}

}  // namespace freight::database
