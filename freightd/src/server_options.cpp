#include "server_options.hpp"

#include <limits>

#include <boost/program_options.hpp>

#include "freight/error.hpp"
#include "freight/record_log.hpp"

namespace freight::daemon {
namespace {

using Described = boost::program_options::options_description;
using Texts = std::vector<std::string>;
using boost::program_options::value;

constexpr std::uint64_t most_ports = 65'535;

/// `ADDRESS:PORT`, `[IPv6]:PORT`, or a port alone.
std::pair<std::string, std::uint16_t> read_listen(const std::string& option,
                                                  const std::string& text) {
  const auto colon = text.rfind(':');
  std::string address = colon == std::string::npos ? "127.0.0.1" : text.substr(0, colon);
  const std::string port = colon == std::string::npos ? text : text.substr(colon + 1);
  if (address.starts_with('[') && address.ends_with(']'))
    address = address.substr(1, address.size() - 2);
  if (address == "localhost") address = "127.0.0.1";
  return {address, static_cast<std::uint16_t>(read_number(option, port, 0, most_ports))};
}

std::optional<std::filesystem::path> path_of(const std::optional<std::string>& text) {
  return text ? std::optional<std::filesystem::path>(*text) : std::nullopt;
}

std::optional<std::chrono::seconds> read_age(const OptionReader& reader, const char* name) {
  const auto text = reader.text(name);
  return text ? std::optional(read_duration(name, *text)) : std::nullopt;
}

void read_log(const OptionReader& reader, ServerOptions& server) {
  if (const auto text = reader.text("log-format")) {
    if (*text != "text" && *text != "json")
      throw Error(Code::usage, "--log-format takes text or json, not '" + *text + "'");
    server.json_log = *text == "json";
  }
  if (const auto text = reader.text("log-level")) {
    const auto level = parse_log_level(*text);
    if (!level) {
      throw Error(Code::usage,
                  "--log-level takes debug, info, warning or error, not '" + *text + "'");
    }
    server.log_level = *level;
  }
  server.log_file = path_of(reader.text("log-file"));
}

}  // namespace

void add_server(Described& described) {
  described.add_options()("listen", value<std::string>()->value_name("ADDRESS:PORT"),
                          "where to answer requests (default: 127.0.0.1:8080)")(
      "tls-cert", value<std::string>()->value_name("FILE"),
      "certificate chain (PEM): speak HTTPS; needs --tls-key")(
      "tls-key", value<std::string>()->value_name("FILE"), "its private key (PEM)")(
      "cors-origin", value<Texts>()->value_name("ORIGIN"),
      "let pages of this origin call, * for any; may be repeated (default: none)")(
      "admin-key-file", value<std::string>()->value_name("FILE"),
      "where a fresh storage's keys are written (default: admin.key beside the storage)")(
      "upload-limit", value<std::string>()->value_name("BYTES"),
      "of one upload (default: 10737418240)")(
      "drain", value<std::string>()->value_name("TIME"),
      "how long to wait for requests and batches when stopping (default: 30s)");
}

void add_health(Described& described) {
  described.add_options()("health-listen", value<std::string>()->value_name("ADDRESS:PORT"),
                          "where to answer /health and /metrics (default: nowhere)");
}

void add_master_key(Described& described) {
  described.add_options()(
      "master-key-file", value<std::string>()->value_name("FILE"),
      "what connections are sealed with (default: FREIGHT_MASTER_KEY in the environment, else "
      "master.key beside the storage)");
}

void add_blobs(Described& described) {
  described.add_options()("blob-dir", value<std::string>()->value_name("DIR"),
                          "keep uploads in DIR, which all nodes share (default: beside an SQLite "
                          "storage, else in the storage)");
}

void add_tenants_reach(Described& described) {
  described.add_options()("allow-path", value<Texts>()->value_name("DIR"),
                          "let specs name files in DIR; may be repeated")(
      "allow-host", value<Texts>()->value_name("HOST"),
      "let specs and connections name HOST; may be repeated");
  add_master_key(described);
  add_blobs(described);
}

void add_retention(Described& described) {
  described.add_options()("retain-uploads", value<std::string>()->value_name("TIME"),
                          "delete uploads that no job needs after TIME, such as 7d")(
      "retain-rejects", value<std::string>()->value_name("TIME"),
      "forget the raw texts of jobs that ended TIME ago")(
      "retain-jobs", value<std::string>()->value_name("TIME"), "delete jobs that ended TIME ago");
}

void add_log(Described& described) {
  described.add_options()("log-format", value<std::string>()->value_name("FORMAT"),
                          "text or json (default: text)")(
      "log-level", value<std::string>()->value_name("LEVEL"),
      "debug, info, warning or error (default: info)")(
      "log-file", value<std::string>()->value_name("FILE"),
      "write the log to FILE, opened anew on SIGHUP (default: stderr)");
}

void read_server(const OptionReader& reader, ServerOptions& server) {
  if (const auto text = reader.text("listen"))
    std::tie(server.address, server.port) = read_listen("listen", *text);
  if (const auto text = reader.text("health-listen"))
    server.health = read_listen("health-listen", *text);
  server.tls_certificate = path_of(reader.text("tls-cert"));
  server.tls_key = path_of(reader.text("tls-key"));
  if (server.tls_certificate.has_value() != server.tls_key.has_value())
    throw Error(Code::usage, "--tls-cert and --tls-key go together");
  server.cors_origins = reader.texts("cors-origin");
  server.admin_key_file = path_of(reader.text("admin-key-file"));
  server.master_key_file = path_of(reader.text("master-key-file"));
  server.blob_folder = path_of(reader.text("blob-dir"));
  for (const auto& folder : reader.texts("allow-path")) server.allowed_folders.emplace_back(folder);
  server.allowed_hosts = reader.texts("allow-host");
  if (const auto text = reader.text("upload-limit")) {
    server.upload_limit =
        read_number("upload-limit", *text, 1, std::numeric_limits<std::int64_t>::max());
  }
  if (const auto text = reader.text("drain")) server.drain = read_duration("drain", *text);
  server.retain_uploads = read_age(reader, "retain-uploads");
  server.retain_rejects = read_age(reader, "retain-rejects");
  server.retain_jobs = read_age(reader, "retain-jobs");
  read_log(reader, server);
}

}  // namespace freight::daemon
