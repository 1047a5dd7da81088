#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <tuple>

#include <gtest/gtest.h>

#include "freight/job.hpp"

namespace freight {
namespace {

/// From, to, when.
using Row = std::tuple<std::string, std::string, std::string>;

std::string read_document() {
  const std::filesystem::path path =
      std::filesystem::path(FREIGHT_SOURCE_FOLDER) / "docs" / "state-machines.md";
  std::ifstream file(path);
  EXPECT_TRUE(file.good()) << path;
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

std::string section(const std::string& document, const std::string& heading) {
  const auto begin = document.find("## " + heading + "\n");
  EXPECT_NE(begin, std::string::npos) << heading;
  return document.substr(begin, document.find("\n## ", begin) - begin);
}

std::string trimmed(const std::string& text) {
  const auto begin = text.find_first_not_of(" `");
  return begin == std::string::npos ? ""
                                    : text.substr(begin, text.find_last_not_of(" `") + 1 - begin);
}

/// The rows `| from | to | when |` of the section's table.
std::set<Row> table_rows(const std::string& text) {
  std::set<Row> rows;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with("| `")) continue;
    std::istringstream cells(line.substr(1));
    std::string from;
    std::string to;
    std::string when;
    std::getline(cells, from, '|');
    std::getline(cells, to, '|');
    std::getline(cells, when, '|');
    EXPECT_TRUE(rows.emplace(trimmed(from), trimmed(to), trimmed(when)).second) << line;
  }
  return rows;
}

/// The arrows `from --> to` of the section's drawing that are between states.
std::set<std::pair<std::string, std::string>> arrows(const std::string& text) {
  std::set<std::pair<std::string, std::string>> found;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    const auto arrow = line.find(" --> ");
    if (arrow == std::string::npos || line.find("[*]") != std::string::npos) continue;
    EXPECT_TRUE(
        found.emplace(trimmed(line.substr(0, arrow)), trimmed(line.substr(arrow + 5))).second)
        << line;
  }
  return found;
}

template <typename Transitions>
void expect_documented(const Transitions& transitions, const std::string& heading) {
  const auto text = section(read_document(), heading);
  std::set<Row> rows;
  std::set<std::pair<std::string, std::string>> drawn;
  for (const auto& transition : transitions) {
    rows.emplace(to_string(transition.from), to_string(transition.to), transition.when);
    drawn.emplace(to_string(transition.from), to_string(transition.to));
  }
  EXPECT_EQ(table_rows(text), rows);
  EXPECT_EQ(arrows(text), drawn);
}

TEST(StateMachinesDocument, ListsAndDrawsExactlyTheTransitionsOfAJob) {
  expect_documented(job_transitions(), "Job");
}

TEST(StateMachinesDocument, ListsAndDrawsExactlyTheTransitionsOfABatch) {
  expect_documented(batch_transitions(), "Batch");
}

}  // namespace
}  // namespace freight
