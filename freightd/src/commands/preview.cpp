#include "freight/preview.hpp"

#include <string>

#include <boost/json/serialize.hpp>

#include "commands/command.hpp"
#include "console.hpp"
#include "exit_status.hpp"
#include "interruption.hpp"
#include "job_file.hpp"
#include "preview_json.hpp"
#include "terminal_text.hpp"

namespace freight::daemon {
namespace {

constexpr std::uint64_t default_records = 20;
constexpr std::uint64_t most_records = 100;

std::string text_of(const Preview& preview) {
  std::string text;
  for (const PreviewRecord& record : preview.records) {
    text += "record " + std::to_string(record.ordinal);
    if (!record.file.empty()) text += ", " + printable(record.file, 500);
    if (record.line > 0) text += ", line " + std::to_string(record.line);
    text += record.filtered ? ": filtered\n" : record.mapped.empty() ? ": rejected\n" : "\n";
    for (std::size_t column = 0; column < record.mapped.size(); ++column) {
      const auto& value = record.mapped[column];
      text += "  " + printable(preview.columns[column].name) + " = " +
              (value ? "'" + printable(*value) + "'" : "NULL") + "\n";
    }
    for (const RecordError& error : record.errors) {
      text += "  " + std::string(to_string(error.code)) + ": " + printable(error.message) + "\n";
    }
  }
  return text;
}

}  // namespace

int preview_command(const Options& options) {
  end_soon_when_interrupted("nothing was written");
  const auto spec =
      read_job_file({.path = options.arguments.front(), .overrides = options.overrides});
  if (!spec) return exit_usage;
  const std::uint64_t limit = options.limit.value_or(default_records);
  if (limit < 1 || limit > most_records) {
    throw Error(Code::usage, "a preview shows 1 to 100 records");
  }
  PreviewOptions preview_options;
  preview_options.limit = static_cast<std::uint32_t>(limit);
  const Preview shown =
      preview(*spec, default_connectors(connector_options(options)), preview_options);
  print(options.json ? boost::json::serialize(json_of(shown)) + "\n" : text_of(shown));
  return exit_completed;
}

}  // namespace freight::daemon
