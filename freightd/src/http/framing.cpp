#include "http/framing.hpp"

#include <algorithm>
#include <charconv>
#include <limits>

namespace freight::daemon::http {
namespace {

constexpr std::size_t longest_method = 32;
constexpr std::size_t longest_chunk_line = 1024;
constexpr std::size_t longest_trailer = 8192;

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool equal_names(std::string_view left, std::string_view right) {
  return std::equal(left.begin(), left.end(), right.begin(), right.end(),
                    [](char a, char b) { return lower(a) == lower(b); });
}

bool is_token(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= '0' && c <= '9') || (lower(c) >= 'a' && lower(c) <= 'z') ||
           std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
  });
}

bool is_visible(char c) { return static_cast<unsigned char>(c) > ' ' && c != '\x7f'; }

/// Without control characters, but tabs.
bool is_field_value(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return is_visible(c) || c == ' ' || c == '\t'; });
}

std::string_view trimmed(std::string_view text) {
  const auto begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

/// True when `list`, names with commas between them, has `name`.
bool has_element(std::string_view list, std::string_view name) {
  while (!list.empty()) {
    const auto comma = list.find(',');
    if (equal_names(trimmed(list.substr(0, comma)), name)) return true;
    if (comma == std::string_view::npos) break;
    list.remove_prefix(comma + 1);
  }
  return false;
}

template <typename Number>
std::optional<Number> whole_number(std::string_view text, int base) {
  Number number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, base);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

void read_request_line(std::string_view line, const HeadLimits& limits, RequestHead& head) {
  const auto first = line.find(' ');
  const auto last = line.rfind(' ');
  if (first == std::string_view::npos || first == last)
    throw FramingError{400, "the first line is not METHOD TARGET HTTP/1.1"};
  const auto target = line.substr(first + 1, last - first - 1);
  const auto version = line.substr(last + 1);
  if (target.size() > limits.target) throw FramingError{414, "the request target is too long"};
  if (first > longest_method || !is_token(line.substr(0, first)) ||
      !std::all_of(target.begin(), target.end(), is_visible))
    throw FramingError{400, "the first line is not METHOD TARGET HTTP/1.1"};
  if (version != "HTTP/1.1" && version != "HTTP/1.0") {
    throw FramingError{version.starts_with("HTTP/") ? 505 : 400,
                       "only HTTP/1.1 and HTTP/1.0 are spoken here"};
  }
  head.method = line.substr(0, first);
  head.http_1_0 = version == "HTTP/1.0";
  head.target = target;
  // The absolute form, as a proxy sends it.
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (!target.starts_with(scheme)) continue;
    const auto path = target.find_first_of("/?", scheme.size());
    head.target = path == std::string_view::npos ? "/" : std::string(target.substr(path));
    if (head.target.front() == '?') head.target.insert(0, 1, '/');
  }
  if (!head.target.starts_with('/') && head.target != "*")
    throw FramingError{400, "the request target is no path"};
}

void read_header(std::string_view line, const HeadLimits& limits, RequestHead& head) {
  const auto colon = line.find(':');
  if (colon == std::string_view::npos || !is_token(line.substr(0, colon)))
    throw FramingError{400, "a header line is not NAME: VALUE"};
  const auto value = trimmed(line.substr(colon + 1));
  if (!is_field_value(value)) throw FramingError{400, "a header has a control character"};
  if (head.headers.size() == limits.headers) {
    throw FramingError{431, "more than " + std::to_string(limits.headers) + " headers"};
  }
  head.headers.emplace_back(line.substr(0, colon), value);
}

/// What the headers say of the connection and of the body.
void read_framing(RequestHead& head) {
  std::size_t hosts = 0;
  bool closes = head.http_1_0;
  bool coded = false;
  for (const auto& [name, value] : head.headers) {
    if (equal_names(name, "host")) ++hosts;
    if (equal_names(name, "content-length")) {
      const bool digits = value.find_first_not_of("0123456789") == std::string::npos;
      const auto length = digits ? whole_number<std::uint64_t>(value, 10) : std::nullopt;
      if (!length) throw FramingError{400, "Content-Length is no number"};
      if (head.content_length) throw FramingError{400, "Content-Length stands there twice"};
      head.content_length = length;
    } else if (equal_names(name, "transfer-encoding")) {
      if (coded) throw FramingError{400, "Transfer-Encoding stands there twice"};
      coded = true;
      if (!equal_names(value, "chunked"))
        throw FramingError{501, "the only Transfer-Encoding that is known is chunked"};
      head.chunked = true;
    } else if (equal_names(name, "connection")) {
      if (has_element(value, "close")) closes = true;
      if (head.http_1_0 && has_element(value, "keep-alive")) closes = false;
    } else if (equal_names(name, "expect")) {
      if (!equal_names(value, "100-continue")) throw FramingError{417, "unknown expectation"};
      head.expects_continue = !head.http_1_0;
    } else if (equal_names(name, "upgrade") && head.method == "PRI") {
      throw FramingError{400, "HTTP/2 is not spoken here"};
    }
  }
  if (head.chunked && (head.content_length || head.http_1_0))
    throw FramingError{400, "the length of the body is given in two ways"};
  if (hosts > 1 || (hosts == 0 && !head.http_1_0))
    throw FramingError{400, "a request needs one Host header"};
  head.keep_alive = !closes;
}

FramedHead read_head(std::string_view text, const HeadLimits& limits) {
  FramedHead framed;
  bool first = true;
  while (!text.empty()) {
    const auto end = text.find("\r\n");
    const auto line = text.substr(0, end);
    if (line.find_first_of(std::string_view("\r\n\0", 3)) != std::string_view::npos)
      throw FramingError{400, "lines end with CR LF"};
    if (first) {
      read_request_line(line, limits, framed.head);
    } else if (line.size() > limits.line) {
      throw FramingError{431, "a header is too long"};
    } else {
      read_header(line, limits, framed.head);
    }
    first = false;
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + 2);
  }
  read_framing(framed.head);
  return framed;
}

/// Whether the first bytes can still become a request line, so that what is no HTTP is answered at
/// once and not after a time limit.
void look_at_beginning(std::string_view bytes, const HeadLimits& limits) {
  const auto line = bytes.substr(0, bytes.find('\n'));
  const auto method = line.substr(0, line.find(' '));
  if (method.size() > longest_method || (!method.empty() && !is_token(method)))
    throw FramingError{400, "this is not HTTP"};
  if (line.size() > limits.target + longest_method + 16)
    throw FramingError{414, "the request target is too long"};
}

}  // namespace

const std::string* find_header(const Headers& headers, std::string_view name) {
  const auto found = std::find_if(headers.begin(), headers.end(), [&](const auto& header) {
    return equal_names(header.first, name);
  });
  return found == headers.end() ? nullptr : &found->second;
}

std::optional<std::variant<FramedHead, FramingError>> frame_head(std::string_view bytes,
                                                                 const HeadLimits& limits) {
  std::size_t skipped = 0;
  while (bytes.starts_with("\r\n") && skipped < 8) {
    bytes.remove_prefix(2);
    skipped += 2;
  }
  try {
    const auto end = bytes.find("\r\n\r\n");
    if (end != std::string_view::npos && end <= limits.all) {
      FramedHead framed = read_head(bytes.substr(0, end), limits);
      framed.bytes = skipped + end + 4;
      return framed;
    }
    if (bytes != "\r") look_at_beginning(bytes, limits);
    // Three bytes of the end may be there already.
    if (bytes.size() > limits.all + 3) throw FramingError{431, "the headers are too long"};
    // No request goes on after this, and so it need not be waited for.
    if (bytes.find("\n\n") != std::string_view::npos)
      throw FramingError{400, "lines end with CR LF"};
    return std::nullopt;
  } catch (const FramingError& error) {
    return error;
  }
}

bool ChunkedBody::take_line(std::string_view& bytes, std::string_view& line) {
  const auto end = bytes.find("\r\n");
  if (end == std::string_view::npos) {
    const std::size_t length = bytes.size() - (bytes.ends_with('\r') ? 1 : 0);
    if (length > longest_chunk_line) throw FramingError{400, "a chunk line is too long"};
    return false;
  }
  if (end > longest_chunk_line) throw FramingError{400, "a chunk line is too long"};
  line = bytes.substr(0, end);
  bytes.remove_prefix(end + 2);
  return true;
}

std::size_t ChunkedBody::take(std::string_view bytes, std::string& body, std::size_t room) {
  const std::size_t given = bytes.size();
  std::string_view line;
  while (state_ != State::done) {
    if (state_ == State::data) {
      const auto part = static_cast<std::size_t>(
          std::min<std::uint64_t>({left_, bytes.size(), static_cast<std::uint64_t>(room)}));
      if (part == 0) break;
      body.append(bytes.substr(0, part));
      bytes.remove_prefix(part);
      room -= part;
      left_ -= part;
      if (left_ == 0) state_ = State::data_end;
      continue;
    }
    if (!take_line(bytes, line)) break;
    if (state_ == State::data_end) {
      if (!line.empty()) throw FramingError{400, "a chunk is longer than it said"};
      state_ = State::size;
    } else if (state_ == State::size) {
      const auto digits = trimmed(line.substr(0, line.find(';')));
      const auto size = whole_number<std::uint64_t>(digits, 16);
      if (!size || *size > std::numeric_limits<std::uint64_t>::max() / 2)
        throw FramingError{400, "a chunk size is no number"};
      left_ = *size;
      state_ = left_ == 0 ? State::trailer : State::data;
    } else {
      trailer_bytes_ += line.size();
      if (trailer_bytes_ > longest_trailer) throw FramingError{431, "the trailer is too long"};
      if (line.empty()) state_ = State::done;
    }
  }
  return given - bytes.size();
}

}  // namespace freight::daemon::http
