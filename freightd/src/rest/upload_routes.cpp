#include <array>

#include <boost/json.hpp>

#include "blobs.hpp"
#include "freight/storage.hpp"
#include "rest/body.hpp"
#include "rest/query.hpp"
#include "rest/routes.hpp"
#include "rest/services.hpp"
#include "rest/shapes.hpp"
#include "rest/text.hpp"

// Files that tenants send, to be read by their jobs.

namespace freight::daemon::rest {
namespace {

namespace json = boost::json;

UploadStore& uploads_of(const Call& call) { return call.services.storage.uploads(); }

void require_room(const Call& call, std::uint64_t more) {
  const auto limit = call.tenant().limits.upload_bytes;
  if (!limit) return;
  const std::uint64_t used = uploads_of(call).bytes_used(call.tenant_id());
  if (used + more <= *limit) return;
  throw Problem{.code = Code::quota_exceeded,
                .detail = "the tenant's uploads may have " + std::to_string(*limit) +
                          " bytes together (upload_bytes), of which " + std::to_string(used) +
                          " are used; delete some"};
}

/// Once it is counted itself, so that two that are sent at once do not both find the same room.
void keep_to_quota(const Call& call, UploadId id) {
  try {
    require_room(call, 0);
  } catch (const Problem&) {
    uploads_of(call).remove(call.tenant_id(), id);
    throw;
  }
}

std::string read_filename(Query& query) {
  const auto name = query.text("filename");
  constexpr std::size_t longest = 255;
  if (!name) return "upload";
  if (name->empty() || name->size() > longest || name->find('/') != std::string::npos ||
      name->find('\\') != std::string::npos)
    query.report("filename", "takes a name of 1 to 255 bytes, and no path");
  return *name;
}

http::Answer upload_file(Call& call) {
  Query query(call);
  Upload upload;
  upload.tenant_id = call.tenant_id();
  upload.filename = read_filename(query);
  query.finish();
  if (call.request.header("Content-Encoding") != nullptr) {
    throw Problem{.code = Code::unsupported_media_type,
                  .detail = "compressed bodies are not taken; send the file as it is"};
  }
  if (content_type_of(call.request).starts_with("multipart/")) {
    throw Problem{.code = Code::unsupported_media_type,
                  .detail = "the body is the file's bytes, no form: curl --data-binary @FILE"};
  }
  const auto key = call.idempotency_key();
  // What was sent before is not in the way of being sent again.
  if (!key) require_room(call, call.request.head.content_length.value_or(0));

  std::uint64_t received_bytes = 0;
  const auto limit = call.tenant().limits.upload_bytes;
  const auto received = call.services.blobs.receive([&](char* data, std::size_t size) {
    const std::size_t part = call.request.read_body(data, size);
    received_bytes += part;
    // What comes in chunks says its length only at the end.
    if (limit && received_bytes > *limit) require_room(call, received_bytes);
    return part;
  });
  upload.id = received.id;
  upload.bytes = received.bytes;
  upload.sha256 = received.sha256;
  try {
    const Upload kept = uploads_of(call).add(upload, key);
    if (kept.id == upload.id) {
      keep_to_quota(call, upload.id);
    } else {
      call.services.blobs.drop(upload.id);
    }
    http::Answer answer = json_answer(shape_of(kept), 201);
    answer.headers.emplace_back("Location", "/api/v1/uploads/" + kept.id.to_string());
    return answer;
  } catch (...) {
    call.services.blobs.drop(upload.id);
    throw;
  }
}

http::Answer list_uploads(Call& call) {
  Query query(call);
  const PageQuery page = read_page(query);
  std::optional<UploadId> after;
  if (page.cursor) {
    const auto place = place_of_cursor(*page.cursor);
    after = place ? UploadId::parse(*place) : std::nullopt;
    if (!after) query.report("cursor", "is none that this list has given");
  }
  query.finish();
  auto found = uploads_of(call).list(call.tenant_id(), after, page.limit + 1);
  const bool more = cut_page(found, page);
  json::array items;
  for (const Upload& upload : found) items.push_back(shape_of(upload));
  json::object body =
      page_object(std::move(items), more ? cursor_of(found.back().id.to_string()) : "");
  if (page.total)
    add_total(body, uploads_of(call).list(call.tenant_id(), {}, most_counted + 1).size());
  return json_answer(body);
}

Upload upload_of(const Call& call) {
  const auto id = call.path_id<UploadId>("upload_id", "upload");
  const auto upload = uploads_of(call).find(call.tenant_id(), id);
  if (!upload) throw not_found("upload");
  return *upload;
}

http::Answer get_upload(Call& call) { return json_answer(shape_of(upload_of(call))); }

http::Answer delete_upload(Call& call) {
  const Upload upload = upload_of(call);
  switch (uploads_of(call).remove(call.tenant_id(), upload.id)) {
    case UploadRemoval::removed:
      call.services.blobs.drop(upload.id);
      return {.status = 204};
    case UploadRemoval::in_use:
      throw Problem{.code = Code::in_use, .detail = "a job that has not ended reads the upload"};
    case UploadRemoval::not_found:
      break;
  }
  throw not_found("upload");
}

constexpr std::array upload_parameters{
    Parameter{"filename", "string", "how the tenant calls the file"}};
constexpr std::array upload_table{
    Route{.method = "POST",
          .path = "/api/v1/uploads",
          .operation_id = "uploadFile",
          .access = Access::write,
          .handle = upload_file,
          .summary = "Send a file; the body is its bytes",
          .parameters = upload_parameters,
          .body = "binary",
          .answer = "Upload",
          .status = 201,
          .streamed = Streamed::always,
          .body_type = "application/octet-stream"},
    Route{.method = "GET",
          .path = "/api/v1/uploads",
          .operation_id = "listUploads",
          .access = Access::read,
          .handle = list_uploads,
          .summary = "The tenant's uploads",
          .parameters = page_parameters,
          .answer = "UploadPage"},
    Route{.method = "GET",
          .path = "/api/v1/uploads/{upload_id}",
          .operation_id = "getUpload",
          .access = Access::read,
          .handle = get_upload,
          .summary = "One upload",
          .answer = "Upload"},
    Route{.method = "DELETE",
          .path = "/api/v1/uploads/{upload_id}",
          .operation_id = "deleteUpload",
          .access = Access::write,
          .handle = delete_upload,
          .summary = "Delete an upload that no job needs any more",
          .status = 204},
};

}  // namespace

std::span<const Route> upload_routes() { return upload_table; }

}  // namespace freight::daemon::rest
