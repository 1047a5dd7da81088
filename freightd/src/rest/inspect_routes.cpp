#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <optional>
#include <string>

#include <boost/json.hpp>

#include "blobs.hpp"
#include "connectors/file/file_name.hpp"
#include "freight/connector_context.hpp"
#include "freight/inspection.hpp"
#include "freight/storage.hpp"
#include "proposal.hpp"
#include "rest/body.hpp"
#include "rest/query.hpp"
#include "rest/routes.hpp"
#include "rest/services.hpp"
#include "rest/shapes.hpp"
#include "rest/specs.hpp"

// Looking at an upload, or at a table that a connection leads to, and proposing a job for it.

namespace freight::daemon::rest {
namespace {

namespace json = boost::json;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr std::uint64_t most_bytes = std::uint64_t{16} * 1024 * 1024;
constexpr std::uint64_t most_fetched = std::uint64_t{1} << 30U;
/// Each takes some 20 KiB of memory.
constexpr std::size_t most_columns = 2000;
constexpr milliseconds longest_look{2000};
constexpr milliseconds shortest_look{200};
constexpr std::chrono::seconds longest_question{5};

/// What the body asks for.
struct Wanted {
  std::optional<Upload> upload;
  /// Without an upload: a job that reads the table and writes nothing.
  std::optional<JobSpec> table_job;
  json::object table_source;
  json::object destination{{"type", "null"}};
};

/// One of the inspections under way: each takes a processor for seconds, and the threads that it
/// takes are those of others too.
class Turn {
 public:
  Turn() {
    constexpr int most = 4;
    if (under_way.fetch_add(1) < most) return;
    --under_way;
    throw Problem{.code = Code::unavailable,
                  .detail = "others are being looked at; try again in a second",
                  .headers = {{"Retry-After", "1"}}};
  }
  ~Turn() { --under_way; }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;

 private:
  static inline std::atomic<int> under_way = 0;
};

/// What is wrong with one section of a spec, told at the same pointer.
void check_section(const Call& call, const json::object& spec, const std::string& section,
                   ObjectReader& body) {
  std::vector<InputError> errors = read_document(call, json::serialize(spec)).errors;
  std::erase_if(errors, [&](const InputError& error) {
    return error.pointer != section && !error.pointer.starts_with(section + "/");
  });
  body.report(std::move(errors));
}

void find_upload(const Call& call, const std::string& text, ObjectReader& body, Wanted& wanted) {
  const auto id = UploadId::parse(text);
  if (id) wanted.upload = call.services.storage.uploads().find(call.tenant_id(), *id);
  if (!wanted.upload) body.report("upload", "is no upload of this tenant", Code::not_found);
}

void find_table(const Call& call, ObjectReader& body, Wanted& wanted) {
  const json::object job{{"source", wanted.table_source}, {"destination", {{"type", "null"}}}};
  TenantSpec read = read_document(call, json::serialize(job));
  for (const InputError& error : read.errors) {
    const bool is_connection = error.pointer == "/source/connection";
    body.report(is_connection ? "connection" : "table", error.detail, error.code);
  }
  wanted.table_job = std::move(read.spec);
}

Wanted read_wanted(const Call& call) {
  const json::object document = json_body(call.request);
  ObjectReader body(document);
  Wanted wanted;
  const auto upload = body.text("upload");
  const auto connection = body.text("connection");
  const auto table = body.text("table");
  const bool names_upload = body.value("upload") != nullptr;
  const bool names_table = body.value("connection") != nullptr || body.value("table") != nullptr;
  if (names_upload && names_table) {
    body.report("upload", "is looked at alone, without a connection and its table");
  } else if (names_table) {
    body.require("connection");
    body.require("table");
    if (connection && table) {
      wanted.table_source = {{"type", "sql"}, {"connection", *connection}, {"table", *table}};
      find_table(call, body, wanted);
    }
  } else {
    body.require("upload");
    if (upload) find_upload(call, *upload, body, wanted);
  }
  if (const json::object* const destination = body.object("destination")) {
    wanted.destination = *destination;
    const json::object source{{"type", "inline"}, {"records", json::array{json::object()}}};
    check_section(call, {{"source", source}, {"destination", *destination}}, "/destination", body);
  }
  body.finish();
  return wanted;
}

Problem refused(const Error& error, std::string pointer) {
  return {.code = error.code(),
          .detail = detail_of(error),
          .errors = {{.pointer = std::move(pointer), .code = error.code(), .detail = error.what()}},
          .status = 422};
}

/// Of an upload that is not on this node, only its beginning was looked at.
void note_beginning(const Upload& upload, Inspection& inspection) {
  InspectionFinding finding;
  finding.subject = "sample";
  finding.text = "the upload has " + std::to_string(upload.bytes) + " bytes; all that is said of " +
                 "it is said of the first " + std::to_string(inspection.size);
  inspection.findings.insert(inspection.findings.begin(), std::move(finding));
  inspection.size = upload.bytes;
  inspection.whole = false;
}

Inspection look_at(const Upload& upload, Blobs& blobs) {
  const auto begun = steady_clock::now();
  const auto limits = [&] {
    const auto time = std::chrono::ceil<milliseconds>(steady_clock::now() - begun);
    return InspectionLimits{.bytes = most_bytes,
                            .time = std::max(shortest_look, longest_look - time),
                            .columns = most_columns,
                            .spool = blobs.place()};
  };
  {
    const BlobView file = blobs.view(upload, most_bytes);
    try {
      Inspection inspection = inspect_file(file.path(), limits());
      if (!file.is_whole()) note_beginning(upload, inspection);
      return inspection;
    } catch (const Error& error) {
      const bool may_need_all =
          error.code() == Code::source_unreadable && upload.bytes <= most_fetched;
      if (file.is_whole() || !may_need_all) throw;
    }
  }
  // Of what is compressed the beginning may not be enough.
  return inspect_file(blobs.file_of(upload.id), limits());
}

http::Answer inspect_upload(const Call& call, const Wanted& wanted) {
  const Upload& upload = *wanted.upload;
  Blobs& blobs = call.services.blobs;
  std::optional<std::string> found;
  try {
    const Inspection inspection = look_at(upload, blobs);
    ProposedJob proposed;
    proposed.name = file::name_of_file(upload.filename);
    proposed.upload = upload.id.to_string();
    proposed.destination = json::serialize(wanted.destination);
    found = render_inspection(inspection, proposed);
  } catch (const Error& error) {
    // What the tenant sent is no fault of the server; what it cannot get at, is.
    const bool is_ours = error.retryable() || error.category() == Category::internal ||
                         error.category() == Category::limit;
    if (is_ours) throw;
    throw refused(without_folder(error, (blobs.place() / "").string()), "/upload");
  }
  return {.body = *std::move(found)};
}

bool has_name(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

json::array columns_of(const SourceDescription& table) {
  json::array columns;
  for (std::size_t index = 0; index < table.fields.size(); ++index) {
    const std::string& name = table.fields[index];
    const auto type = index < table.field_types.size() ? table.field_types[index] : std::nullopt;
    const std::string native =
        index < table.native_types.size() ? table.native_types[index] : std::string();
    columns.push_back(
        json::object{{"name", name},
                     {"type", type ? json::value(json::string(to_string(*type))) : json::value()},
                     {"native_type", native.empty() ? json::value() : json::value(native)},
                     {"required", has_name(table.required, name)}});
  }
  return columns;
}

SourceDescription describe_table(const Call& call, const Wanted& wanted) {
  const Deadline deadline(steady_clock::now() + longest_question);
  ConnectorContext context;
  context.lease = &deadline;
  context.tenant_id = call.tenant_id();
  try {
    const auto source = call.services.connectors.make_source(
        {.spec = *wanted.table_job, .tenant_id = call.tenant_id()});
    return source->describe(context);
  } catch (const Error& error) {
    if (error.code() == Code::lease_lost) {
      throw refused(Error(Code::source_unavailable, "the database did not answer in five seconds"),
                    "/connection");
    }
    // What is wrong with the tenant's own database is no fault of the server.
    const bool is_table = error.code() == Code::source_not_found;
    throw refused(error, is_table ? "/table" : "/connection");
  }
}

/// The table's own name, without its schema.
std::string name_of_table(const json::object& source) {
  const std::string table(source.at("table").as_string());
  return file::name_of_file(table.substr(table.rfind('.') + 1));
}

http::Answer inspect_table(const Call& call, const Wanted& wanted) {
  const SourceDescription table = describe_table(call, wanted);
  json::array findings;
  for (const std::string& warning : table.warnings)
    findings.push_back(json::object{{"subject", "table"}, {"text", warning}, {"question", false}});
  return json_answer({{"format", "sql"},
                      {"findings", std::move(findings)},
                      {"columns", columns_of(table)},
                      {"primary_key", json::value_from(table.primary_key)},
                      {"job",
                       {{"name", name_of_table(wanted.table_source)},
                        {"source", wanted.table_source},
                        {"destination", wanted.destination}}}});
}

http::Answer inspect_one(Call& call) {
  Query(call).finish();
  const Wanted wanted = read_wanted(call);
  const Turn turn;
  return wanted.upload ? inspect_upload(call, wanted) : inspect_table(call, wanted);
}

constexpr std::array inspection_table{
    Route{.method = "POST",
          .path = "/api/v1/inspect",
          .operation_id = "inspect",
          .access = Access::write,
          .handle = inspect_one,
          .summary = "Look at an upload or at a table, and propose a job that loads it",
          .body = "InspectRequest",
          .answer = "Inspection",
          .streamed = Streamed::aside,
          .audited = false},
};

}  // namespace

std::span<const Route> inspect_routes() { return inspection_table; }

}  // namespace freight::daemon::rest
