#include "storage/jobs/job_cursor.hpp"

#include <array>
#include <charconv>
#include <string_view>

namespace freight::storage {
namespace {

constexpr std::array<std::string_view, 3> sort_letters{"c", "f", "p"};

std::string prefix_of(const JobQuery& query) {
  return "1." + std::string(sort_letters.at(static_cast<std::size_t>(query.sort))) +
         (query.descending ? "d." : "a.");
}

}  // namespace

std::string write_cursor(const JobQuery& query, const JobCursor& cursor) {
  return prefix_of(query) + std::to_string(cursor.value) + "." + cursor.job_id.to_string();
}

JobCursor read_cursor(const JobQuery& query) {
  const auto prefix = prefix_of(query);
  std::string_view text = query.cursor;
  if (text.starts_with(prefix)) {
    text.remove_prefix(prefix.size());
    JobCursor cursor;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), cursor.value);
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    if (error == std::errc() && text.starts_with('.')) {
      if (const auto id = JobId::parse(text.substr(1))) {
        cursor.job_id = *id;
        return cursor;
      }
    }
  }
  throw Error(Code::invalid_value, "the cursor is not one of a list in this order");
}

}  // namespace freight::storage
