#include "inspect/sampled_columns.hpp"

#include <cstddef>
#include <utility>

#include "freight/error.hpp"
#include "freight/time.hpp"
#include "inspect/head.hpp"

namespace freight::inspect {
namespace {

std::string sample_words(const SampleCount& count, std::uint64_t size) {
  if (count.whole) return "all " + count_text(count.records) + " records were looked at";
  return count_text(count.records) + " records were looked at, from " +
         (count.only_beginning ? "the beginning of" : "all over") +
         " the file: " + count_text(count.bytes) + " of " + count_text(size) + " bytes";
}

}  // namespace

void add_finding(Inspection& inspection, std::string subject, std::string text) {
  inspection.findings.push_back({.subject = std::move(subject), .text = std::move(text)});
}

std::string today_text() {
  constexpr std::size_t date_size = 10;
  return format_timestamp(system_clock().now()).substr(0, date_size);
}

void conclude_columns(const file::InputFile& file, const SampleCount& count,
                      std::vector<ProfiledColumn>& profiled, Inspection& inspection) {
  if (count.records > 0 && count.faulty == count.records) {
    throw Error(Code::source_unreadable,
                "None of the " + count_text(count.records) + " records looked at in " +
                    file.path().string() + " could be read",
                {.hint = "Is it a table of text? Write the job by hand and see with "
                         "`freightd preview` what is wrong with its records."});
  }
  inspection.size = file.size();
  inspection.sampled_bytes = count.bytes;
  inspection.sampled_records = count.records;
  inspection.faulty_records = count.faulty;
  inspection.whole = count.whole;
  add_finding(inspection, "sample", sample_words(count, file.size()));
  if (count.faulty > 0) {
    add_finding(inspection, "sample",
                count_text(count.faulty) +
                    " of these records are faulty (another number of fields, a stray quote, broken "
                    "text): a job rejects them, each with its line");
  }
  ColumnChoices choices = choose_columns(profiled);
  inspection.columns = std::move(choices.columns);
  inspection.missing_values = std::move(choices.missing_values);
  inspection.primary_key = std::move(choices.primary_key);
  for (const InspectedColumn& column : inspection.columns) {
    const bool open = column.readings.size() > 1;
    inspection.findings.push_back(
        {.subject = column.name,
         .text = column.evidence + (open ? ": which of them is meant must be decided" : ""),
         .question = open});
  }
  for (const std::string& key : inspection.primary_key) {
    add_finding(inspection, "key",
                key + ": no value comes twice" + (inspection.whole ? "" : " in the sample") +
                    ", and none is missing");
  }
}

}  // namespace freight::inspect
