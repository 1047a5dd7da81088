// Freight's own sources under the suite that others run over theirs.

#include "freight/testing/source_suite.hpp"

#include <fstream>
#include <memory>
#include <string>

#include "freight/freight.hpp"
#include "support/temporary_folder.hpp"

namespace freight::testing {
namespace {

constexpr int records = 100;

std::unique_ptr<Source> make_source(const std::string& source) {
  const auto spec =
      parse_job_spec(R"({"source": )" + source + R"(, "destination": {"type": "null"}})");
  return default_connectors().make_source({.spec = spec.value(), .job_id = JobId::generate()});
}

/// A CSV file that has what makes CSV hard: quotes, breaks inside them, and records with faults.
std::unique_ptr<Source> make_csv() {
  static const TemporaryFolder folder;
  static const std::string path = [] {
    auto file_path = (folder / "people.csv").string();
    std::ofstream file(file_path, std::ios::binary);
    file << "id,name,note\r\n";
    for (int id = 0; id < records; ++id) {
      file << id << (id % 10 == 3 ? ",\"two\r\nlines\"," : ",Ada,");
      if (id % 7 == 5) file << "a quote \" too many";
      if (id % 11 == 6) file << ",one,field,more";
      file << (id % 2 == 0 ? "\r\n" : "\n");
    }
    return file_path;
  }();
  return make_source(R"({"type": "csv", "path": ")" + path + "\"}");
}

std::unique_ptr<Source> make_inline() {
  std::string texts;
  for (int id = 0; id < records; ++id) {
    texts += std::string(id == 0 ? "" : ",") + "{\"id\": " + std::to_string(id) +
             (id % 3 == 0 ? "" : ", \"name\": \"Ada\"") + ", \"tags\": [1, null]}";
  }
  return make_source(R"({"type": "inline", "records": [)" + texts + "]}");
}

std::unique_ptr<Source> make_jsonl() {
  static const TemporaryFolder folder;
  static const std::string path = [] {
    auto file_path = (folder / "people.jsonl").string();
    std::ofstream file(file_path, std::ios::binary);
    for (int id = 0; id < records; ++id) {
      file << (id % 9 == 4 ? "\n" : "") << "{\"id\": " << id << ", \"note\": \"a\\nb\"";
      if (id % 7 != 5) file << '}';
      file << (id % 2 == 0 ? "\r\n" : "\n");
    }
    return file_path;
  }();
  return make_source(R"({"type": "jsonl", "path": ")" + path + "\"}");
}

/// An array within a text, with elements on lines of their own and not, broken ones between them.
std::unique_ptr<Source> make_json() {
  static const TemporaryFolder folder;
  static const std::string path = [] {
    auto file_path = (folder / "people.json").string();
    std::ofstream file(file_path, std::ios::binary);
    file << "{\"meta\": [1], \"people\": [";
    for (int id = 0; id < records; ++id) {
      file << (id == 0 ? "" : ",") << (id % 2 == 0 ? "\r\n" : " ");
      file << "{\"id\": " << id << ", \"note\": \"a\\nb\"";
      file << (id % 7 == 5 ? "}}" : "}");
    }
    file << "\n]\n}\n";
    return file_path;
  }();
  return make_source(R"({"type": "json", "records_pointer": "/people", "path": ")" + path + "\"}");
}

INSTANTIATE_TEST_SUITE_P(
    Built, SourceSuite,
    ::testing::Values(
        SourceCase{.name = "Csv", .make = make_csv, .records = records, .decodes = true},
        SourceCase{.name = "Inline", .make = make_inline, .records = records, .decodes = true},
        SourceCase{.name = "Json", .make = make_json, .records = records, .decodes = true},
        SourceCase{.name = "Jsonl", .make = make_jsonl, .records = records, .decodes = true}),
    [](const auto& suite) { return suite.param.name; });

}  // namespace
}  // namespace freight::testing
