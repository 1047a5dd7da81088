#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/json_text.hpp"
#include "core/unless_empty.hpp"
#include "freight/report.hpp"
#include "report/csv_text.hpp"

namespace freight {
namespace {

using core::unless_empty;

constexpr std::string_view header =
    "time,scope,level,event,status,batch_id,ordinal,attempt,code,column,key,message\n";
constexpr std::uint32_t page_size = 1000;

/// Both formats have the same fields in the same order.
class EntryWriter {
 public:
  EntryWriter(std::string& out, LogFormat format) : out_(out), is_csv_(format == LogFormat::csv) {
    if (!is_csv_) out_ += '{';
  }

  void text(std::string_view name, std::optional<std::string_view> text) {
    separate(name);
    if (is_csv_) return report::append_csv_field(out_, text);
    if (text) return core::append_json_string(out_, *text);
    out_ += "null";
  }
  void number(std::string_view name, std::optional<std::uint64_t> number) {
    separate(name);
    if (number) {
      out_ += std::to_string(*number);
    } else if (!is_csv_) {
      out_ += "null";
    }
  }
  void end() { out_ += is_csv_ ? "\n" : "}\n"; }

 private:
  void separate(std::string_view name) {
    if (!is_csv_) return core::append_json_key(out_, name);
    if (!is_first_) out_ += ',';
    is_first_ = false;
  }

  std::string& out_;
  bool is_csv_;
  bool is_first_ = true;
};

void append(std::string& out, const LogEntry& entry, LogFormat format) {
  EntryWriter row(out, format);
  const auto batch = entry.batch_id ? entry.batch_id->to_string() : std::string();
  const auto time = format_timestamp(entry.time);
  const auto key = key_text(entry.key_values);
  row.text("time", time);
  row.text("scope", to_string(entry.scope));
  row.text("level", to_string(entry.level));
  row.text("event", entry.event);
  row.text("status", entry.outcome ? std::optional(to_string(*entry.outcome)) : std::nullopt);
  row.text("batch_id", unless_empty(batch));
  row.number("ordinal", entry.ordinal);
  row.number("attempt", entry.attempt);
  row.text("code", entry.code ? std::optional(to_string(*entry.code)) : std::nullopt);
  row.text("column", unless_empty(entry.column));
  row.text("key", unless_empty(key));
  row.text("message", unless_empty(entry.message));
  row.end();
}

}  // namespace

void export_log(JobStore& store, const Job& job, LogQuery query, LogFormat format,
                const std::function<void(std::string_view)>& write, std::uint64_t most) {
  std::string out;
  if (format == LogFormat::csv) out = header;
  while (true) {
    query.limit = static_cast<std::uint32_t>(std::min<std::uint64_t>(most, page_size));
    if (query.limit == 0) return write(out);
    const auto page = store.list_log(job.tenant_id, job.id, query);
    for (const auto& entry : page) append(out, entry, format);
    write(out);
    out.clear();
    if (page.size() < query.limit) return;
    most -= page.size();
    query.after = page.back().cursor;
  }
}

}  // namespace freight
