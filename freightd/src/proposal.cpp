#include "proposal.hpp"

#include <cstddef>
#include <filesystem>
#include <fstream>
#include <string_view>

#include <boost/json.hpp>

#include "console.hpp"
#include "freight/error.hpp"
#include "terminal_text.hpp"

namespace freight::daemon {
namespace {

constexpr std::size_t longest_table_name = 63;

std::string destination_of(const std::string& path, const std::string& to) {
  // A password may not hold a bare # in a URL, so the last one begins the table.
  const std::size_t mark = to.rfind('#');
  const std::string url = to.substr(0, mark);
  std::string table = mark == std::string::npos ? "" : to.substr(mark + 1);
  if (table.empty()) table = name_of_file(path);
  const bool is_database =
      url.starts_with("sqlite:") || url.starts_with("postgresql:") || url.starts_with("postgres:");
  if (!is_database) {
    throw Error(Code::usage, "--to takes sqlite:FILE or postgresql://…, with #TABLE after it",
                {.hint = "As in --to sqlite:crm.db#people."});
  }
  const boost::json::object destination{
      {"type", "sql"}, {"url", url}, {"table", table}, {"create_table", true}};
  return boost::json::serialize(destination);
}

/// A SQLite file's URL with its whole path.
std::string absolute_url(const std::string& url) {
  constexpr std::string_view scheme = "sqlite:";
  if (!url.starts_with(scheme)) return url;
  return std::string(scheme) + std::filesystem::absolute(url.substr(scheme.size())).string();
}

void save_job(const std::string& job, const std::filesystem::path& path) {
  std::ofstream file(path, std::ios::binary);
  file << job;
  file.close();
  if (!file) throw Error(Code::output_failed, "cannot write the job to '" + path.string() + "'");
}

}  // namespace

std::string name_of_file(const std::string& path) {
  std::string name = std::filesystem::path(path).stem().string();
  for (char& character : name) {
    const auto byte = static_cast<unsigned char>(character);
    const bool is_letter = (byte | 0x20U) >= 'a' && (byte | 0x20U) <= 'z';
    const bool is_digit = byte >= '0' && byte <= '9';
    if (byte < 0x80 && !is_letter && !is_digit) character = '_';
  }
  if (name.size() > longest_table_name) {
    std::size_t end = longest_table_name;
    // Not within a character of several bytes.
    while (end > 0 && (static_cast<unsigned char>(name[end]) & 0xC0U) == 0x80U) --end;
    name.resize(end);
  }
  return name.empty() ? "records" : name;
}

ProposedJob proposed_job(const std::string& path, const std::optional<std::string>& to) {
  if (path == "-") {
    throw Error(Code::usage, "standard input cannot be looked at from all sides",
                {.hint = "Save it to a file first."});
  }
  return {.name = name_of_file(path),
          .path = path,
          .destination = to ? destination_of(path, *to) : R"({"type": "null"})"};
}

std::string job_from_file(const Options& options) {
  if (!options.arguments.empty() || !options.to) {
    throw Error(Code::usage, "run takes JOB.json, or --from FILE and --to URL[#TABLE]",
                {.hint = "see freightd run --help"});
  }
  const std::filesystem::path path = *options.from;
  const ProposedJob proposed =
      proposed_job(path == "-" ? path.string() : std::filesystem::absolute(path).string(),
                   absolute_url(*options.to));
  const Inspection inspection = inspect_file(path);
  say_findings(inspection);
  std::string job = render_job(inspection, proposed);
  if (options.save) save_job(job, *options.save);
  return job;
}

void say_findings(const Inspection& inspection) {
  std::size_t questions = 0;
  for (const InspectionFinding& finding : inspection.findings) {
    say(printable(finding.subject) + ": " + printable(finding.text, 2000));
    if (finding.question) ++questions;
  }
  if (questions == 0) return;
  say(std::to_string(questions) + (questions == 1 ? " question is" : " questions are") +
      " left to you: a field of type \"undecided\" takes the keys of one of its candidates");
}

}  // namespace freight::daemon
