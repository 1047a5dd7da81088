#include "rest/specs.hpp"

#include <algorithm>
#include <array>
#include <set>
#include <variant>

#include <boost/json.hpp>

#include "blobs.hpp"
#include "connections.hpp"
#include "connectors/file/name_pattern.hpp"
#include "connectors/file/named_files.hpp"
#include "freight/storage.hpp"
#include "reach.hpp"
#include "rest/body.hpp"
#include "rest/services.hpp"
#include "rest/shapes.hpp"
#include "rest/text.hpp"

namespace freight::daemon::rest {
namespace {

constexpr std::string_view sqlite_scheme = "sqlite:";
/// The schema that Freight's own tables have in a PostgreSQL database, which a tenant's may be too.
constexpr std::string_view own_schema = "freight";
/// Each costs a look at all of its links.
constexpr std::size_t most_looked_at = 20'000;

/// What a postgresql:// URL asks for, as far as tenants may ask for something.
struct UrlParts {
  std::string host;
  std::string fault;
};

UrlParts parts_of(std::string_view url) {
  constexpr std::array<std::string_view, 4> allowed{"sslmode", "connect_timeout",
                                                    "application_name", "target_session_attrs"};
  UrlParts parts;
  std::string_view rest = url.substr(url.find("://") + 3);
  // As libpq reads it: credentials end at the first '@', unless a slash comes before it.
  const auto mark = rest.find_first_of("@/");
  if (mark != std::string_view::npos && rest[mark] == '@') rest.remove_prefix(mark + 1);
  const auto question = rest.find('?');
  std::string_view parameters =
      question == std::string_view::npos ? std::string_view() : rest.substr(question + 1);
  rest = rest.substr(0, std::min(rest.find('/'), question));
  while (!parameters.empty()) {
    const auto end = parameters.find('&');
    const auto name = parameters.substr(0, std::min(end, parameters.find('=')));
    if (std::find(allowed.begin(), allowed.end(), name) == allowed.end())
      parts.fault = "has a parameter that is not to be set from here";
    if (end == std::string_view::npos) break;
    parameters.remove_prefix(end + 1);
  }
  if (rest.starts_with('[')) {
    parts.host = rest.substr(1, rest.find(']') - 1);
  } else {
    parts.host = rest.substr(0, rest.find(':'));
  }
  if (parts.host.empty() || !is_plain_host(parts.host))
    parts.fault = "must name one host, and no socket";
  return parts;
}

/// The storage's own role could read more than the tenant's, if both are one. Too strict for a
/// tenant's word of that name, which is the lesser evil.
bool mentions_own_schema(std::string_view statement) {
  const std::string text = lower_case(statement);
  return text.find(own_schema) != std::string::npos || text.find("u&\"") != std::string::npos;
}

class ReachRules {
 public:
  ReachRules(const Call& call, std::vector<InputError>& errors)
      : services_(call.services), tenant_id_(call.tenant_id()), errors_(errors) {}

  void check(const JobSpec& spec) {
    if (const auto file = source_file(spec.source)) check_file(*file, spec.source);
    if (const auto* sql = std::get_if<SqlSourceSpec>(&spec.source))
      check_database("/source", sql->url, sql->connection, sql->table, sql->query + sql->where);
    if (const auto* sql = std::get_if<SqlDestinationSpec>(&spec.destination))
      check_database("/destination", sql->url, sql->connection, sql->table, "");
    if (const auto* csv = std::get_if<CsvDestinationSpec>(&spec.destination))
      check_path("/destination/path", csv->path);
    if (const auto* jsonl = std::get_if<JsonlDestinationSpec>(&spec.destination))
      check_path("/destination/path", jsonl->path);
  }

 private:
  void report(std::string pointer, Code code, std::string detail) {
    errors_.push_back({.pointer = std::move(pointer), .code = code, .detail = std::move(detail)});
  }

  void check_file(const SourceFile& file, const SourceSpec& source) {
    if (file.upload.empty()) return check_named_files(file, file::ending_of(source));
    const auto id = UploadId::parse(file.upload);
    if (!id || !services_.storage.uploads().find(tenant_id_, *id))
      report("/source/upload", Code::not_found, "is no upload of this tenant");
  }

  /// Nothing is said of what is found where tenants have no business.
  void check_named_files(const SourceFile& file, const std::string& ending) {
    const auto named = file.named();
    std::set<std::filesystem::path> known;
    std::size_t looked_at = 0;
    for (std::size_t index = 0; index < named.size(); ++index) {
      if (!known.insert(named[index]).second) continue;
      const std::string pointer =
          file.paths.empty() ? "/source/path" : "/source/path/" + std::to_string(index);
      const std::size_t errors = errors_.size();
      check_path(pointer, named[index]);
      if (errors_.size() == errors) check_matches(pointer, named[index], ending, looked_at);
      if (looked_at > most_looked_at) return;
    }
  }

  /// A link below an allowed folder may lead out of it: each part of a pattern is looked at before
  /// what is below it.
  void check_matches(const std::string& pointer, const std::filesystem::path& path,
                     const std::string& ending, std::size_t& looked_at) {
    const std::size_t errors = errors_.size();
    const auto check_all = [&](const std::vector<std::filesystem::path>& found) {
      looked_at += found.size();
      if (looked_at > most_looked_at) {
        return report(pointer, Code::value_out_of_range,
                      "names more than " + std::to_string(most_looked_at) + " files");
      }
      for (const auto& match : found) {
        if (errors_.size() == errors) check_path(pointer, match);
      }
    };
    std::vector<std::filesystem::path> parts;
    for (auto part = path; file::has_wildcard(part.native()); part = part.parent_path()) {
      parts.insert(parts.begin(), part);
    }
    try {
      for (const auto& part : parts) {
        if (errors_.size() == errors) check_all(file::matches_of(part));
      }
      if (errors_.size() == errors) check_all(file::named_files({path}, ending));
    } catch (const Error& error) {
      // What is not there the job itself says. What cannot be looked at cannot be allowed.
      if (error.code() == Code::source_not_found) return;
      report(pointer, Code::not_allowed, "leads to what cannot be looked at");
    }
  }

  void check_path(const std::string& pointer, const std::filesystem::path& path) {
    try {
      services_.reach.check_path(path);
    } catch (const NotAllowed& refused) {
      report(pointer, Code::not_allowed, refused.detail);
    }
  }

  void check_database(const std::string& pointer, const std::string& url,
                      const std::string& connection, const std::string& table,
                      std::string_view statement) {
    std::string known = url;
    if (!connection.empty()) {
      const auto type = services_.connections.type_of(tenant_id_, connection);
      if (type != "postgresql") {
        return report(pointer + "/connection", type ? Code::unsupported_connector : Code::not_found,
                      type ? "is no connection to a database" : "is no connection of this tenant");
      }
      known = services_.connections.plain_url_of(tenant_id_, connection);
    } else {
      check_url(pointer + "/url", url);
    }
    if (services_.storage.holds(known, table) || mentions_own_schema(statement))
      report(pointer, Code::destination_is_storage, "is Freight's own storage");
  }

  void check_url(const std::string& pointer, const std::string& url) {
    if (url.starts_with(sqlite_scheme))
      return check_path(pointer, url.substr(sqlite_scheme.size()));
    const UrlParts parts = parts_of(url);
    try {
      services_.reach.check_named_host(parts.host);
      if (!parts.fault.empty()) throw NotAllowed{parts.fault};
    } catch (const NotAllowed& refused) {
      report(pointer, Code::not_allowed, refused.detail);
    }
  }

  const Services& services_;
  TenantId tenant_id_;
  std::vector<InputError>& errors_;
};

/// The tenant's default stands in for a section that the spec does not have.
std::vector<std::pair<std::string, std::string>> defaults_for(const Call& call,
                                                              const std::string& text) {
  const auto document = parse_own(text);
  if (!document.is_object() || document.get_object().contains("retry")) return {};
  const auto retry = call.services.storage.tenants().default_retry(call.tenant_id());
  if (!retry) return {};
  return {{"/retry", *retry}};
}

/// The same of a migration, whose defaults are a JSON object.
void put_default_retry(const Call& call, std::string& defaults) {
  for (const auto& [pointer, retry] : defaults_for(call, defaults)) {
    const bool is_empty = defaults == "{}";
    defaults.insert(1, "\"retry\":" + retry + (is_empty ? "" : ","));
  }
}

SpecOptions options_of_tenants() {
  SpecOptions options;
  options.base_folder = "/";
  options.references = true;
  return options;
}

void add_errors(std::vector<InputError>& to, const std::string& below,
                const std::vector<SpecError>& errors) {
  for (const SpecError& error : errors) {
    if (error.code == Code::invalid_json_document) {
      throw Problem{.code = error.code, .detail = error.detail};
    }
    to.push_back({.pointer = below + error.pointer, .code = error.code, .detail = error.detail});
  }
}

/// What may not be reached is told as that; the rest is a spec that is not valid.
Problem invalid_document(const std::vector<InputError>& errors) {
  Problem problem = invalid_body(errors);
  const Code first = problem.code;
  if (first != Code::not_allowed && first != Code::destination_is_storage) {
    problem.code = Code::invalid_spec;
  }
  return problem;
}

}  // namespace

TenantSpec read_document(const Call& call, const std::string& document) {
  SpecOptions options = options_of_tenants();
  options.overrides = defaults_for(call, document);
  auto parsed = parse_job_spec(document, options);
  TenantSpec read;
  add_errors(read.errors, "", parsed.errors);
  if (!parsed.spec) return read;
  ReachRules(call, read.errors).check(*parsed.spec);
  if (!read.errors.empty()) return read;
  read.spec = std::move(parsed.spec);
  return read;
}

TenantSpec read_spec(const Call& call) {
  require_content_type(call.request, {"application/json"});
  return read_document(call, call.request.body);
}

JobSpec require_spec(const Call& call) {
  TenantSpec read = read_spec(call);
  if (read.spec) return *std::move(read.spec);
  throw invalid_document(read.errors);
}

MigrationRequest require_migration(const Call& call) {
  require_content_type(call.request, {"application/json"});
  auto parsed = parse_migration_spec(call.request.body);
  std::vector<InputError> errors;
  add_errors(errors, "", parsed.errors);
  if (!parsed.spec) throw invalid_document(errors);
  MigrationRequest request{.spec = *std::move(parsed.spec), .job_options = options_of_tenants()};
  put_default_retry(call, request.spec.defaults);
  add_errors(errors, "", check_migration(request));
  if (!errors.empty()) throw invalid_document(errors);
  const auto reach = [&](const std::string& pointer, const std::string& job) {
    for (InputError& error : read_document(call, job).errors) {
      error.pointer.insert(0, pointer);
      errors.push_back(std::move(error));
    }
  };
  // Where tables are files each has a source of its own.
  if (!is_of_files(request.spec)) reach("/defaults", job_of_databases(request.spec));
  for (std::size_t at = 0; errors.empty() && at < request.spec.entries.size(); ++at) {
    const MigrationEntry& entry = request.spec.entries[at];
    // Which tables those are is known only later; each job is looked at when it is made.
    if (entry.job == "{}" && !is_of_files(request.spec)) continue;
    reach("/tables/" + std::to_string(at), job_of_entry(request.spec, entry));
  }
  if (!errors.empty()) throw invalid_document(errors);
  return request;
}

}  // namespace freight::daemon::rest
