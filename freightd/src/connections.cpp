#include "connections.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <set>

#include <boost/json.hpp>

#include "freight/error.hpp"
#include "rest/shapes.hpp"
#include "rest/text.hpp"

namespace freight::daemon {
namespace {

namespace json = boost::json;

constexpr std::array<std::string_view, 6> tls_modes{"disable", "allow",     "prefer",
                                                    "require", "verify-ca", "verify-full"};

std::string text_at(const json::object& object, std::string_view key) {
  const auto* const found = object.if_contains(key);
  if (found == nullptr || !found->is_string()) return {};
  return {found->get_string().data(), found->get_string().size()};
}

std::string context_of(TenantId tenant_id, std::string_view name) {
  return tenant_id.to_string() + "/" + std::string(name);
}

/// Reads the keys of a description, and takes the secret ones out of what may be shown.
class Description {
 public:
  Description(const json::object& object, std::vector<ConnectionFault>& faults)
      : object_(object), faults_(faults) {}

  void text(std::string_view key, bool required, std::size_t most = 255) {
    const auto* const found = take(key);
    if (found == nullptr) {
      if (required) fault(key, "is required", Code::missing_key);
      return;
    }
    if (!found->is_string()) return fault(key, "must be a string", Code::wrong_type);
    const std::string value = text_at(object_, key);
    if (value.empty() || value.size() > most || !rest::is_clean_text(value))
      return fault(key, "has 1 to " + std::to_string(most) + " bytes, without control characters");
    shown[key] = value;
  }

  void secret(std::string_view key) {
    has_secret = true;
    const auto* const found = take(key);
    if (found == nullptr) {
      keeps = keeps || object_.contains(key);
      return;
    }
    if (!found->is_string()) return fault(key, "must be a string", Code::wrong_type);
    secrets[key] = *found;
  }

  const json::value* take(std::string_view key) {
    known_.emplace(key);
    const auto* const found = object_.if_contains(key);
    return found == nullptr || found->is_null() ? nullptr : found;
  }

  void fault(std::string_view key, std::string detail, Code code = Code::invalid_value) {
    faults_.push_back({std::string(key), code, std::move(detail)});
  }

  void finish() {
    // What reads give back may be sent again as it is.
    for (const char* key : {"type", "name", "has_secret", "created_at", "updated_at"})
      known_.emplace(key);
    for (const auto& member : object_) {
      const std::string key(member.key().data(), member.key().size());
      if (!known_.contains(key)) fault(key, "is no key of this connection", Code::unknown_key);
    }
  }

  json::object shown;
  json::object secrets;
  bool has_secret = false;
  /// A secret is null: the one that is there stays.
  bool keeps = false;

 private:
  const json::object& object_;
  std::vector<ConnectionFault>& faults_;
  std::set<std::string, std::less<>> known_;
};

void read_postgresql(Description& description, const Reach& reach) {
  description.text("host", true);
  description.text("database", true, 63);
  description.text("user", true, 63);
  description.secret("password");
  description.text("tls", false);
  const auto* const port = description.take("port");
  constexpr std::int64_t most_ports = 65'535;
  if (port == nullptr) {
    description.shown["port"] = 5432;
  } else if (!port->is_int64() || port->get_int64() < 1 || port->get_int64() > most_ports) {
    description.fault("port", "must be a number from 1 to 65535");
  } else {
    description.shown["port"] = *port;
  }
  const std::string tls = text_at(description.shown, "tls");
  if (tls.empty()) {
    description.shown["tls"] = "prefer";
  } else if (std::find(tls_modes.begin(), tls_modes.end(), tls) == tls_modes.end()) {
    description.fault("tls", "takes disable, allow, prefer, require, verify-ca or verify-full");
  }
  const std::string host = text_at(description.shown, "host");
  if (!is_plain_host(host))
    return description.fault("host", "must be one name or address, and no socket");
  try {
    if (!host.empty()) reach.check_literal(host);
  } catch (const NotAllowed& refused) {
    description.fault("host", refused.detail, Code::not_allowed);
  }
}

void read_http(Description& description, const Reach& reach) {
  description.text("base_url", true, 2000);
  const std::string url = text_at(description.shown, "base_url");
  const auto scheme = url.find("://");
  const bool known = url.starts_with("https://") || url.starts_with("http://");
  if (!url.empty() && (!known || url.find('@') != std::string::npos)) {
    description.fault("base_url", "must begin with https:// or http:// and hold no credentials");
  } else if (!url.empty()) {
    const auto host = url.substr(scheme + 3, url.find_first_of("/:?#", scheme + 3) - scheme - 3);
    try {
      reach.check_literal(host);
    } catch (const NotAllowed& refused) {
      description.fault("base_url", refused.detail, Code::not_allowed);
    }
  }
  // Headers and `auth` hold tokens more often than not: nothing of them is shown.
  for (const char* key : {"headers", "auth"}) {
    const auto* const found = description.take(key);
    if (found == nullptr) continue;
    if (!found->is_object()) {
      description.fault(key, "must be an object", Code::wrong_type);
      continue;
    }
    description.has_secret = true;
    description.secrets[key] = *found;
  }
}

json::object shown_of(const StoredConnection& stored) {
  json::object object{{"name", stored.name}, {"type", stored.type}};
  const json::value settings = json::parse(stored.settings);
  for (const auto& member : settings.as_object()) object.emplace(member.key(), member.value());
  if (stored.type == "postgresql") object["password"] = nullptr;
  if (stored.type == "http") {
    object["headers"] = nullptr;
    object["auth"] = nullptr;
  }
  object["has_secret"] = !stored.sealed.empty();
  object["created_at"] = format_timestamp(stored.created_at);
  object["updated_at"] = format_timestamp(stored.updated_at);
  return object;
}

/// Whether the secret of a connection would be sent to nobody else, and no less protected.
bool goes_to_the_same_place(const StoredConnection& earlier, std::string_view type,
                            const json::object& shown) {
  if (earlier.type != type) return false;
  const json::value settings = json::parse(earlier.settings);
  const json::object& before = settings.as_object();
  for (const char* key : {"host", "port", "user"}) {
    if (before.at(key) != shown.at(key)) return false;
  }
  const auto protection = [](const json::object& object) {
    return std::find(tls_modes.begin(), tls_modes.end(), text_at(object, "tls"));
  };
  return protection(shown) >= protection(before);
}

std::string percent_encoded(std::string_view text) {
  std::string out;
  for (const char character : text) {
    if (std::isalnum(static_cast<unsigned char>(character)) != 0) {
      out += character;
    } else {
      out += "%" + rest::hex_text(std::string_view(&character, 1));
    }
  }
  return out;
}

std::string url_text(const json::object& settings, std::string_view password,
                     std::string_view address) {
  std::string host = text_at(settings, "host");
  if (host.find(':') != std::string::npos) host = "[" + host + "]";
  std::string url = "postgresql://" + percent_encoded(text_at(settings, "user"));
  if (!password.empty()) url += ":" + percent_encoded(password);
  url += "@" + host + ":" + std::to_string(settings.at("port").as_int64()) + "/" +
         percent_encoded(text_at(settings, "database")) + "?sslmode=" + text_at(settings, "tls");
  if (!address.empty()) url += "&hostaddr=" + percent_encoded(address);
  return url;
}

StoredConnection required(std::optional<StoredConnection> stored, std::string_view name) {
  if (!stored) throw Error(Code::not_found, "there is no connection '" + std::string(name) + "'");
  if (stored->type != "postgresql") {
    throw Error(Code::unsupported_connector,
                "the connection '" + std::string(name) + "' is of type " + stored->type);
  }
  return *std::move(stored);
}

}  // namespace

bool Connections::is_name(std::string_view name) {
  constexpr std::size_t longest = 100;
  return !name.empty() && name.size() <= longest &&
         std::all_of(name.begin(), name.end(), [](unsigned char character) {
           return std::isalnum(character) != 0 || character == '-' || character == '_' ||
                  character == '.';
         });
}

bool Connections::put(TenantId tenant_id, const std::string& name, const json::object& object,
                      std::vector<ConnectionFault>& faults) {
  Description description(object, faults);
  const std::string type = text_at(object, "type");
  if (type == "postgresql") {
    read_postgresql(description, reach_);
  } else if (type == "http") {
    read_http(description, reach_);
  } else {
    description.fault("type", "takes postgresql or http",
                      object.contains("type") ? Code::invalid_value : Code::missing_key);
    return false;
  }
  description.finish();
  if (!faults.empty()) return false;

  StoredConnection stored;
  stored.name = name;
  stored.type = type;
  stored.settings = json::serialize(description.shown);
  if (!description.secrets.empty()) {
    stored.sealed = master_.seal(json::serialize(description.secrets), context_of(tenant_id, name));
  } else if (description.keeps) {
    const auto earlier = store_.find(tenant_id, name);
    if (earlier && !earlier->sealed.empty()) {
      // Else whoever may change connections could have the secret sent to where they read it.
      if (!goes_to_the_same_place(*earlier, type, description.shown)) {
        faults.push_back({"password", Code::invalid_value,
                          "must be given again, because where it is sent to has changed"});
        return false;
      }
      stored.sealed = earlier->sealed;
    }
  }
  return store_.put(tenant_id, stored);
}

std::optional<json::object> Connections::find(TenantId tenant_id, std::string_view name) {
  const auto stored = store_.find(tenant_id, name);
  return stored ? std::optional(shown_of(*stored)) : std::nullopt;
}

std::vector<json::object> Connections::list(TenantId tenant_id, std::string_view after,
                                            std::uint32_t limit) {
  std::vector<json::object> shown;
  for (const StoredConnection& stored : store_.list(tenant_id, after, limit))
    shown.push_back(shown_of(stored));
  return shown;
}

std::optional<std::string> Connections::type_of(TenantId tenant_id, std::string_view name) {
  const auto stored = store_.find(tenant_id, name);
  return stored ? std::optional(stored->type) : std::nullopt;
}

std::string Connections::url_of(TenantId tenant_id, const std::string& name) {
  const StoredConnection stored = required(store_.find(tenant_id, name), name);
  const json::value settings = json::parse(stored.settings);
  std::string password;
  if (!stored.sealed.empty()) {
    const auto secrets = json::parse(master_.open(stored.sealed, context_of(tenant_id, name)));
    password = text_at(secrets.as_object(), "password");
  }
  try {
    const std::string address = reach_.checked_address(text_at(settings.as_object(), "host"));
    return url_text(settings.as_object(), password, address);
  } catch (const NotAllowed& refused) {
    throw Error(Code::not_allowed, "the connection '" + name + "': " + refused.detail);
  }
}

std::string Connections::plain_url_of(TenantId tenant_id, const std::string& name) {
  const StoredConnection stored = required(store_.find(tenant_id, name), name);
  return url_text(json::parse(stored.settings).as_object(), "", "");
}

std::size_t Connections::reseal(const std::vector<TenantId>& tenants) {
  constexpr std::uint32_t page = 1000;
  std::size_t resealed = 0;
  for (const TenantId tenant_id : tenants) {
    std::string after;
    while (true) {
      const auto stored = store_.list(tenant_id, after, page);
      if (stored.empty()) break;
      for (StoredConnection connection : stored) {
        if (connection.sealed.empty() || master_.is_current(connection.sealed)) continue;
        const std::string context = context_of(tenant_id, connection.name);
        connection.sealed = master_.seal(master_.open(connection.sealed, context), context);
        store_.put(tenant_id, connection);
        ++resealed;
      }
      after = stored.back().name;
    }
  }
  return resealed;
}

}  // namespace freight::daemon
