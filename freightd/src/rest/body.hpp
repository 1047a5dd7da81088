#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include "rest/call.hpp"

namespace freight::daemon::rest {

/// The media type of the body, in lower case and without parameters; empty without one.
std::string content_type_of(const http::Request& request);

/// Throws the problem of a wrong content type unless it is one of `types` (or none is given).
void require_content_type(const http::Request& request,
                          std::initializer_list<std::string_view> types);

/// The JSON text of a body that is an object. Throws the problems of another content type, of what
/// is no JSON (400) and of what is no object (422).
boost::json::object json_body(const http::Request& request);
/// The same, whatever the content type.
boost::json::object json_object(const http::Request& request);
/// The same, where no body means an empty object.
boost::json::object optional_json_body(const http::Request& request);

/// Takes an object of a body apart and collects what is wrong with it, by its pointer.
class ObjectReader {
 public:
  explicit ObjectReader(const boost::json::object& object, std::string pointer = "")
      : object_(object), pointer_(std::move(pointer)) {}

  std::optional<std::string> text(std::string_view key, std::size_t most = 1000);
  std::optional<std::uint64_t> number(std::string_view key, std::uint64_t least,
                                      std::uint64_t most);
  std::optional<bool> flag(std::string_view key);
  std::optional<std::vector<std::string>> texts(std::string_view key, std::size_t most);
  const boost::json::object* object(std::string_view key);
  /// Null counts as missing.
  const boost::json::value* value(std::string_view key);
  void require(std::string_view key);

  std::string pointer_of(std::string_view key) const;
  void report(std::string_view key, std::string detail, Code code = Code::invalid_value);
  void report(std::vector<InputError> errors);
  /// Reports keys that nobody asked for, and throws when anything was reported.
  void finish();
  /// Reports keys that nobody asked for, and leaves the rest to who has this object in its own.
  std::vector<InputError> take_errors();

 private:
  void report_unknown();

  const boost::json::object& object_;
  std::string pointer_;
  std::set<std::string, std::less<>> known_;
  std::vector<InputError> errors_;
};

/// The problem of a body that is JSON but not what the call takes.
Problem invalid_body(std::vector<InputError> errors);

}  // namespace freight::daemon::rest
