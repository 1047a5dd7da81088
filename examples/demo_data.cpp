// Writes the CSV file of the demo: the people of a small CRM, with faults where asked for.

#include <charconv>
#include <cstdio>
#include <exception>
#include <fstream>
#include <iostream>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "demo_people.hpp"

namespace {

constexpr std::string_view usage =
    R"(usage: freight_demo_data RECORDS SEED OUTPUT.csv [option]...

Writes RECORDS people as CSV; equal arguments write equal bytes.

  --faults N    plant N faults, at most one in twenty records (0)
  --list FILE   write the planted faults to FILE as JSON: kind, ordinal, line, byte_offset,
                byte_length, column, code; - is standard output
  --crlf        end records with CRLF
  --bom         begin with a UTF-8 byte order mark
  --help        this text
)";

struct Arguments {
  freight_demo::DemoOptions data;
  std::string output;
  std::string list;
};

std::optional<std::uint64_t> parse_number(std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

/// The arguments, or nothing when they are not what the usage says.
std::optional<Arguments> parse_arguments(std::span<char* const> words) {
  if (words.size() < 3) return std::nullopt;
  Arguments arguments;
  const auto records = parse_number(words[0]);
  const auto seed = parse_number(words[1]);
  if (!records || !seed) return std::nullopt;
  arguments.data.records = *records;
  arguments.data.seed = *seed;
  arguments.output = words[2];
  for (std::size_t index = 3; index < words.size(); ++index) {
    const std::string_view option = words[index];
    const bool has_value = index + 1 < words.size();
    if (option == "--crlf") {
      arguments.data.crlf = true;
    } else if (option == "--bom") {
      arguments.data.byte_order_mark = true;
    } else if (option == "--list" && has_value) {
      arguments.list = words[++index];
    } else if (option == "--faults" && has_value) {
      const auto faults = parse_number(words[++index]);
      if (!faults || *faults > freight_demo::most_faults(*records)) return std::nullopt;
      arguments.data.faults = *faults;
    } else {
      return std::nullopt;
    }
  }
  return arguments;
}

int run(const Arguments& arguments) {
  std::ofstream file(arguments.output, std::ios::binary);
  const auto faults = freight_demo::write_people(file, arguments.data);
  file.close();
  if (!file) {
    std::cerr << "freight_demo_data: cannot write " << arguments.output << "\n";
    return 1;
  }
  if (arguments.list == "-") {
    freight_demo::write_fault_list(std::cout, faults);
  } else if (!arguments.list.empty()) {
    std::ofstream list(arguments.list, std::ios::binary);
    freight_demo::write_fault_list(list, faults);
    list.close();
    if (!list) {
      std::cerr << "freight_demo_data: cannot write " << arguments.list << "\n";
      return 1;
    }
  }
  return 0;
}

}  // namespace

int main(int count, char** words) {
  try {
    if (count == 2 && std::string_view(words[1]) == "--help") {
      std::cout << usage;
      return 0;
    }
    const auto arguments = parse_arguments({words + 1, static_cast<std::size_t>(count - 1)});
    if (!arguments) {
      std::cerr << usage;
      return 2;
    }
    return run(*arguments);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "freight_demo_data: %s\n", error.what());
    return 1;
  }
}
