#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "freight/connector_spec.hpp"
#include "freight/record.hpp"

namespace freight {

/// @addtogroup running
/// @{

/// How much of a file an inspection looks at.
struct InspectionLimits {
  /// Bytes of the file in all.
  std::uint64_t bytes = std::uint64_t{64} * 1024 * 1024;
  /// After it the inspection ends with what it has seen.
  std::chrono::milliseconds time{2000};
  /// Columns, or different keys of JSON records: what has more is refused. No schema names more.
  std::size_t columns = 10'000;
  /// As ConnectorOptions::spool, for what is compressed and for standard input.
  std::filesystem::path spool = {};
};

/// One way to read a column's values, with the keys of a SchemaField.
struct ColumnReading {
  ValueType type = ValueType::string;
  std::optional<std::string> format = {};
  std::string decimal_char = ".";
  std::string group_char = {};
  /// Sampled values that Freight reads so.
  std::uint64_t fitting = 0;
};

/// What was seen of one column, or of one key of JSON records.
struct InspectedColumn {
  /// Usable and unlike the others', also when case is not minded.
  std::string name;
  /// As the header has it; empty without a header.
  std::string written_name;
  /// One: that is what the column is. Several: nobody can tell which, and a person decides.
  std::vector<ColumnReading> readings;
  /// Sampled values, missing ones not counted.
  std::uint64_t values = 0;
  /// Records in which it has no value: empty, null, absent, or one of the missing words.
  std::uint64_t missing = 0;
  /// Words that stand for a missing value in it, each with how often it was seen.
  std::vector<std::pair<std::string, std::uint64_t>> missing_words;
  /// The longest value in code points.
  std::uint64_t longest = 0;
  /// No two of the sampled values are equal.
  bool unique = false;
  /// Why it is what it is, in words, with the counts.
  std::string evidence;
};

/// One thing that was seen, for people: `subject` is `encoding`, `delimiter` or the like, or a
/// column's name.
struct InspectionFinding {
  std::string subject;
  std::string text;
  /// A person has to decide it before a job can run.
  bool question = false;
};

/// What a file holds and how it is to be read, with the evidence.
struct Inspection {
  /// A CsvSourceSpec, a JsonlSourceSpec or a JsonSourceSpec, ready to read the file.
  SourceSpec source;
  /// In the order of the file.
  std::vector<InspectedColumn> columns;
  /// What SchemaSpec::missing_values are to be.
  std::vector<std::string> missing_values;
  /// A column whose values are unique and never missing; empty when none offers itself.
  std::vector<std::string> primary_key;
  /// How large the file is, in bytes.
  std::uint64_t size = 0;
  std::uint64_t sampled_bytes = 0;
  std::uint64_t sampled_records = 0;
  /// Sampled records that are faulty: a job would reject them.
  std::uint64_t faulty_records = 0;
  /// Every record was looked at.
  bool whole = false;
  std::vector<InspectionFinding> findings;
};

/// Looks at a file of delimited text, of one JSON object a line or of an array of them: at its
/// beginning, at pieces from all over it and at its end; of an array, and of what is compressed, at
/// the beginning of its text alone. "-" is
/// standard input, which is read to its end. Each proposed reading was proven by reading every
/// sampled value in Freight's own way; where two fit all of them both are given. Memory does not
/// depend on the file's size. Throws Error(source_not_found, source_unreadable, source_unavailable)
/// and missing_header for an empty file. Thread-safe.
Inspection inspect_file(const std::filesystem::path& path, const InspectionLimits& limits = {});

/// What a proposed job is called, and what it reads and writes.
struct ProposedJob {
  std::string name;
  /// What the job calls the file.
  std::string path;
  /// The JSON object of the destination.
  std::string destination;
  /// The id of an upload, which the job then names in place of the path; empty for none.
  std::string upload = {};
};

/// A job spec in readable JSON that loads the inspected file: fields with several readings are left
/// as `undecided`, which parse_job_spec() refuses. Throws Error(invalid_json_document) when the
/// destination is no JSON. Thread-safe.
std::string render_job(const Inspection& inspection, const ProposedJob& proposed);

/// All that was found, and the job, as one JSON object: `size`, `sampled_bytes`, `sampled_records`,
/// `faulty_records`, `whole`, `format`, `encoding`, `dialect` (null for JSON), `findings`,
/// `columns`, `primary_key`, `job`. Throws as render_job(). Thread-safe.
std::string render_inspection(const Inspection& inspection, const ProposedJob& proposed);

/// @}

}  // namespace freight
