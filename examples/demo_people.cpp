#include "demo_people.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdio>
#include <ostream>

namespace freight_demo {
namespace {

/// SplitMix64 (Steele, Lea, Flood 2014). The distributions of the standard library differ from one
/// library to the next, so numbers are cut by remainder here.
class Random {
 public:
  Random(std::uint64_t seed, std::uint64_t stream) : state_(seed) {
    state_ = next() ^ (stream * 0x9E3779B97F4A7C15U);
  }

  std::uint64_t below(std::uint64_t bound) { return next() % bound; }

  template <typename List>
  std::string_view one_of(const List& list) {
    return list[below(list.size())];
  }

 private:
  std::uint64_t next() {
    state_ += 0x9E3779B97F4A7C15U;
    std::uint64_t mixed = state_;
    mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9U;
    mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EBU;
    return mixed ^ (mixed >> 31);
  }

  std::uint64_t state_;
};

constexpr std::array<std::string_view, 20> first_names{
    "Anna", "Zoë",  "Jürgen", "Søren",  "Łucja", "José",  "Chloé", "Иван", "美咲",  "Ngozi",
    "Beat", "Reto", "Aoife",  "Mehmet", "Nadia", "Priya", "Luca",  "Eva",  "Björn", "D’Arcy"};
constexpr std::array<std::string_view, 20> last_names{
    "Müller",     "O'Brien", "Núñez",  "Dvořák", "Keller, Dr.", "van der Berg", "Ørsted",
    "Nguyễn",     "Meier",   "Rossi",  "Smith",  "Петров",      "佐藤",         "Okafor",
    "De la Cruz", "Favre",   "Yılmaz", "Schmid", "Łapiński",    "Null"};
constexpr std::array<std::string_view, 8> countries{"CH", "DE", "AT", "FR", "IT", "PL", "NG", "JP"};
constexpr std::array<std::string_view, 6> truths{"true", "false", "yes", "no", "1", "0"};
constexpr std::array<std::string_view, 6> notes{"met at the fair, wants a call",
                                                "says \"maybe\" to everything",
                                                "two lines:\nthe second one",
                                                "prefers e-mail",
                                                "🚢 ships on Fridays",
                                                "=SUM(A1:A9)"};

constexpr std::string_view header =
    "id,first_name,last_name,email,phone,country,born,balance,active,note";

enum class FaultKind : std::size_t {
  wrong_type,
  missing_required,
  too_long,
  bad_email,
  too_many_fields,
  too_few_fields,
  invalid_utf8,
  nul_byte,
  misplaced_quote,
  duplicate_key,
  windows_1252,
};

struct FaultInfo {
  std::string_view name;
  std::string_view column;
  std::string_view code;
};

/// In the order of FaultKind.
constexpr std::array<FaultInfo, 11> fault_kinds{{
    {"wrong_type", "balance", "type_mismatch"},
    {"missing_required", "last_name", "required"},
    {"too_long", "first_name", "too_long"},
    {"bad_email", "email", "pattern_mismatch"},
    {"too_many_fields", "", "too_many_fields"},
    {"too_few_fields", "active", "too_few_fields"},
    {"invalid_utf8", "first_name", "invalid_utf8"},
    {"nul_byte", "phone", "nul_byte"},
    {"misplaced_quote", "last_name", "misplaced_quote"},
    {"duplicate_key", "id", "unique_violation"},
    {"windows_1252", "last_name", "invalid_utf8"},
}};

std::string digits(Random& random, std::size_t count) {
  std::string text;
  for (std::size_t index = 0; index < count; ++index) {
    text += static_cast<char>('0' + random.below(10));
  }
  return text;
}

std::string date(Random& random) {
  char text[32];
  std::snprintf(text, sizeof text, "%04u-%02u-%02u", 1930U + unsigned(random.below(75)),
                1U + unsigned(random.below(12)), 1U + unsigned(random.below(28)));
  return text;
}

std::string balance(Random& random) {
  // Now and then one that no binary float holds.
  if (random.below(500) == 0) return "12345678901234567890.123456789";
  const std::string sign = random.below(5) == 0 ? "-" : "";
  return sign + std::to_string(random.below(100'000)) + "." + digits(random, 2);
}

std::optional<std::string> note(Random& random) {
  switch (random.below(4)) {
    case 0:
      return std::nullopt;
    case 1:
      return random.below(10) == 0 ? "" : "imported";
    default:
      return std::string(random.one_of(notes));
  }
}

/// Where each fault goes: one in each stretch of the file, never in the first two records of a
/// stretch, so that the record before a fault is a good one.
std::vector<std::uint64_t> fault_ordinals(const DemoOptions& options) {
  std::vector<std::uint64_t> ordinals;
  Random random(options.seed, ~std::uint64_t{0});
  for (std::uint64_t index = 0; index < options.faults; ++index) {
    const std::uint64_t begin = options.records * index / options.faults;
    const std::uint64_t end = options.records * (index + 1) / options.faults;
    std::uint64_t ordinal = begin + 2 + random.below(end - begin - 2);
    // A duplicate and its original are to be of one batch, whatever round size batches have.
    if (ordinal % 10 == 0) --ordinal;
    ordinals.push_back(ordinal);
  }
  return ordinals;
}

/// A cell as it stands in the file: in quotes when it has to be.
std::string cell(std::string_view text) {
  if (text.find_first_of(",\"\n\r") == std::string_view::npos) return std::string(text);
  std::string quoted = "\"";
  for (const char character : text) {
    quoted += character;
    if (character == '"') quoted += '"';
  }
  return quoted + '"';
}

std::vector<std::string> cells_of(const DemoPerson& person) {
  return {cell(person.id),
          cell(person.first_name),
          cell(person.last_name),
          cell(person.email),
          cell(person.phone),
          cell(person.country),
          cell(person.born),
          cell(person.balance),
          cell(person.active),
          !person.note ? "" : person.note->empty() ? "\"\"" : cell(*person.note)};
}

std::string joined(const std::vector<std::string>& cells) {
  std::string line;
  for (const std::string& text : cells) {
    if (&text != &cells.front()) line += ',';
    line += text;
  }
  return line;
}

/// The line of a record with a fault in it.
std::string faulty_line(const DemoOptions& options, std::uint64_t ordinal, FaultKind kind) {
  enum Column : std::size_t { id, first_name, last_name, email, phone, balance_column = 7, active };
  std::vector<std::string> cells = cells_of(demo_person(options.seed, ordinal));
  switch (kind) {
    case FaultKind::wrong_type:
      cells[balance_column] = "n/a";
      break;
    case FaultKind::missing_required:
      cells[last_name] = "";
      break;
    case FaultKind::too_long:
      cells[first_name] = std::string(61, 'x');
      break;
    case FaultKind::bad_email:
      cells[email] = "nobody.example.com";
      break;
    case FaultKind::too_many_fields:
      cells.emplace_back("left over");
      break;
    case FaultKind::too_few_fields:
      cells.resize(active);
      break;
    case FaultKind::invalid_utf8:
      cells[first_name] = "Zo\xC3(";
      break;
    case FaultKind::nul_byte:
      cells[phone] = std::string("044\0001", 5);
      break;
    case FaultKind::misplaced_quote:
      cells[last_name] = "Nick \"the Fish\" Fischer";
      break;
    case FaultKind::duplicate_key:
      cells[id] = demo_person(options.seed, ordinal - 1).id;
      break;
    case FaultKind::windows_1252:
      cells[last_name] = "M\xFCller";
      break;
  }
  return joined(cells);
}

}  // namespace

DemoPerson demo_person(std::uint64_t seed, std::uint64_t ordinal) {
  Random random(seed, ordinal);
  DemoPerson person;
  person.id = std::to_string(ordinal + 1);
  person.first_name = random.one_of(first_names);
  person.last_name = random.one_of(last_names);
  person.email = "person" + person.id + "@example.org";
  person.phone = "0" + digits(random, 9);
  person.country = random.one_of(countries);
  if (random.below(8) != 0) person.born = date(random);
  person.balance = balance(random);
  person.active = random.one_of(truths);
  person.note = note(random);
  return person;
}

std::uint64_t most_faults(std::uint64_t records) { return records / 20; }

std::vector<PlantedFault> write_people(std::ostream& out, const DemoOptions& options) {
  const std::string_view line_end = options.crlf ? "\r\n" : "\n";
  const std::string_view mark = options.byte_order_mark ? "\xEF\xBB\xBF" : "";
  out << mark << header << line_end;
  std::uint64_t offset = mark.size() + header.size() + line_end.size();
  std::uint64_t line_number = 2;
  const std::vector<std::uint64_t> faulty = fault_ordinals(options);
  std::vector<PlantedFault> planted;
  for (std::uint64_t ordinal = 0; ordinal < options.records; ++ordinal) {
    std::string line;
    if (planted.size() < faulty.size() && faulty[planted.size()] == ordinal) {
      const std::size_t kind = planted.size() % fault_kinds.size();
      line = faulty_line(options, ordinal, static_cast<FaultKind>(kind));
      const FaultInfo& info = fault_kinds.at(kind);
      planted.push_back(
          {info.name, ordinal, line_number, offset, line.size(), info.column, info.code});
    } else {
      line = joined(cells_of(demo_person(options.seed, ordinal)));
    }
    out << line << line_end;
    offset += line.size() + line_end.size();
    line_number += 1 + static_cast<std::uint64_t>(std::count(line.begin(), line.end(), '\n'));
  }
  return planted;
}

void write_fault_list(std::ostream& out, const std::vector<PlantedFault>& faults) {
  out << '[';
  for (const PlantedFault& fault : faults) {
    // Names and codes are ours: nothing in them needs escaping.
    out << (&fault == &faults.front() ? "\n" : ",\n") << R"({"kind": ")" << fault.kind
        << R"(", "ordinal": )" << fault.ordinal << R"(, "line": )" << fault.line
        << R"(, "byte_offset": )" << fault.byte_offset << R"(, "byte_length": )"
        << fault.byte_length << R"(, "column": ")" << fault.column << R"(", "code": ")"
        << fault.code << "\"}";
  }
  out << "\n]\n";
}

}  // namespace freight_demo
