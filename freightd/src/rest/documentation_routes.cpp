#include <array>

#include <boost/json.hpp>
#include <openssl/evp.h>

#include "digest.hpp"
#include "freight/codes.hpp"
#include "freight/version.hpp"
#include "rest/application.hpp"
#include "rest/routes.hpp"
#include "rest/services.hpp"

// The description of the API, for programs and for people.

namespace freight::daemon::rest {
namespace {

constexpr std::string_view style =
    "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;"
    "color:#1a1a1a;background:#fff}code,pre{font-family:ui-monospace,monospace;font-size:.9em}"
    "h2{margin-top:2.5rem;border-bottom:1px solid #ccc}article{margin:1.5rem 0}"
    "article h3{margin:0}article p{margin:.25rem 0}table{border-collapse:collapse;width:100%}"
    "td,th{text-align:left;vertical-align:top;padding:.25rem .75rem .25rem 0;"
    "border-bottom:1px solid #eee}.m{display:inline-block;min-width:4.5rem;font-weight:600}"
    "@media(prefers-color-scheme:dark){body{color:#e6e6e6;background:#16181c}"
    "a{color:#8ab4f8}h2{border-color:#444}td,th{border-color:#333}}";

std::string html_escaped(std::string_view text) {
  std::string out;
  for (const char character : text) {
    switch (character) {
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '&':
        out += "&amp;";
        break;
      case '"':
        out += "&quot;";
        break;
      default:
        out += character;
    }
  }
  return out;
}

std::string base64(const std::string& bytes) {
  std::string text((bytes.size() + 2) / 3 * 4 + 1, '\0');
  const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                                   reinterpret_cast<const unsigned char*>(bytes.data()),
                                   static_cast<int>(bytes.size()));
  text.resize(static_cast<std::size_t>(size));
  return text;
}

std::string_view words_for(Access access) {
  switch (access) {
    case Access::open:
      return "no key";
    case Access::read:
      return "scope read";
    case Access::write:
      return "scope write";
    case Access::manage:
      return "scope manage";
    case Access::admin:
      break;
  }
  return "the admin key";
}

std::string article_of(const Route& route) {
  std::string html = "<article id=\"" + html_escaped(route.operation_id) +
                     "\"><h3><span class=\"m\">" + html_escaped(route.method) + "</span> <code>" +
                     html_escaped(route.path) + "</code></h3><p>" + html_escaped(route.summary) +
                     ". Needs " + html_escaped(words_for(route.access)) + ".</p>";
  if (!route.body.empty()) {
    html += "<p>Takes <code>" + html_escaped(route.body) + "</code> as " +
            html_escaped(route.body_type) + ".</p>";
  }
  html += "<p>Answers " + std::to_string(route.status);
  if (!route.answer.empty()) html += " with <code>" + html_escaped(route.answer) + "</code>";
  if (route.status != 204) html += " as " + html_escaped(route.answer_types);
  html += ".</p>";
  if (!route.parameters.empty()) {
    html += "<table>";
    for (const Parameter& parameter : route.parameters) {
      html += "<tr><td><code>" + html_escaped(parameter.name) + "</code></td><td>" +
              html_escaped(parameter.description) + (parameter.repeatable ? "; repeatable" : "") +
              "</td></tr>";
    }
    html += "</table>";
  }
  return html + "</article>";
}

std::string make_page() {
  std::string html =
      "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>Freight API</title>"
      "<meta name=\"viewport\" content=\"width=device-width\"><style>" +
      std::string(style) + "</style></head><body><h1>Freight API " + std::string(version()) +
      "</h1><p>Send an API key as <code>Authorization: Bearer frt_…</code>. Errors are "
      "<code>application/problem+json</code>. The whole description with every schema is "
      "<a href=\"/openapi.json\">/openapi.json</a> (OpenAPI 3.1).</p><h2>Operations</h2>";
  for (const Route* const route : all_routes().routes()) html += article_of(*route);
  html += "<h2>Codes</h2><table><tr><th>code</th><th>status</th><th>meaning</th></tr>";
  for (const CodeInfo& code : all_codes()) {
    html += "<tr id=\"" + html_escaped(code.name) + "\"><td><code>" + html_escaped(code.name) +
            "</code></td><td>" + std::to_string(code.http_status) + "</td><td>" +
            html_escaped(code.description) + "</td></tr>";
  }
  return html + "</table></body></html>";
}

http::Answer get_docs(Call&) {
  static const std::string page = make_page();
  static const std::string policy = "default-src 'none'; style-src 'sha256-" +
                                    base64(sha256(style)) +
                                    "'; img-src data:; base-uri 'none'; form-action 'none'; "
                                    "frame-ancestors 'none'";
  return {.status = 200,
          .headers = {{"Content-Security-Policy", policy}, {"Cache-Control", "no-cache"}},
          .content_type = "text/html; charset=utf-8",
          .body = page};
}

http::Answer get_openapi(Call& call) {
  return {.status = 200, .headers = {{"Cache-Control", "no-cache"}}, .body = call.services.openapi};
}

constexpr std::array documentation_table{
    Route{.method = "GET",
          .path = "/openapi.json",
          .operation_id = "getOpenApi",
          .access = Access::open,
          .handle = get_openapi,
          .summary = "This description",
          .answer = "OpenApi"},
    Route{.method = "GET",
          .path = "/api/v1/openapi.json",
          .operation_id = "getOpenApiVersioned",
          .access = Access::open,
          .handle = get_openapi,
          .summary = "This description",
          .answer = "OpenApi"},
    Route{.method = "GET",
          .path = "/docs",
          .operation_id = "getDocs",
          .access = Access::open,
          .handle = get_docs,
          .summary = "This description as a page",
          .answer_types = "text/html"},
    Route{.method = "GET",
          .path = "/api/v1/docs",
          .operation_id = "getDocsVersioned",
          .access = Access::open,
          .handle = get_docs,
          .summary = "This description as a page",
          .answer_types = "text/html"},
};

}  // namespace

std::span<const Route> documentation_routes() { return documentation_table; }

const Router& all_routes() {
  static const Router router({job_routes(), migration_routes(), outcome_routes(), retry_routes(),
                              dead_letter_routes(), event_routes(), upload_routes(),
                              inspect_routes(), connection_routes(), admin_routes(),
                              operations_routes(), probe_route_table(), documentation_routes()});
  return router;
}

const Router& probe_routes() {
  static const Router router({probe_route_table()});
  return router;
}

}  // namespace freight::daemon::rest
