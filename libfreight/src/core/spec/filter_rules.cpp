#include <array>
#include <map>
#include <utility>

#include "core/spec/sections.hpp"
#include "core/spec/typed_value.hpp"

namespace freight::core::spec {
namespace {

using Kind = FilterSpec::Kind;

constexpr std::size_t max_filter_depth = 20;
constexpr std::size_t max_conditions = 10'000;

constexpr std::array<std::pair<std::string_view, Kind>, 3> branches{
    {{"all", Kind::all}, {"any", Kind::any}, {"not", Kind::negation}}};
constexpr std::array<std::pair<std::string_view, Kind>, 10> operators{{{"eq", Kind::eq},
                                                                       {"ne", Kind::ne},
                                                                       {"in", Kind::in},
                                                                       {"not_in", Kind::not_in},
                                                                       {"lt", Kind::lt},
                                                                       {"le", Kind::le},
                                                                       {"gt", Kind::gt},
                                                                       {"ge", Kind::ge},
                                                                       {"missing", Kind::missing},
                                                                       {"matches", Kind::matches}}};

bool is_ordered(Kind kind) {
  return kind == Kind::lt || kind == Kind::le || kind == Kind::gt || kind == Kind::ge;
}

/// What the keys of an object say it is.
struct Chosen {
  std::string_view key;
  Kind kind = Kind::all;
  const JsonValue* value = nullptr;
};

/// The one of the names that the object has; all of them are known keys then.
template <std::size_t count>
std::vector<Chosen> choose(ObjectReader& reader,
                           const std::array<std::pair<std::string_view, Kind>, count>& names) {
  std::vector<Chosen> chosen;
  for (const auto& [key, kind] : names) {
    if (const JsonValue* const value = reader.find(key)) chosen.push_back({key, kind, value});
  }
  return chosen;
}

std::string names_of(const std::vector<Chosen>& chosen) {
  std::vector<std::string_view> names;
  for (const Chosen& one : chosen) names.push_back(one.key);
  return joined_names(names);
}

class FilterReader {
 public:
  FilterReader(SpecReading& reading, const std::optional<SchemaSpec>& schema) : reading_(reading) {
    if (!schema) return;
    timezone_ = schema->timezone;
    for (const SchemaField& field : schema->fields) types_.emplace(field.name, field.type);
  }

  FilterSpec read(const JsonValue& value, const Location& at, std::size_t depth) {
    const JsonObject* const object = value.object();
    if (object == nullptr) {
      reading_.findings.add(at, Code::wrong_type,
                            "must be an object such as {\"field\": \"status\", \"eq\": \"new\"}, "
                            "not " +
                                std::string(kind_name(value)));
      return {};
    }
    if (++conditions_ > max_conditions) {
      if (conditions_ == max_conditions + 1) {
        reading_.findings.add(
            at, Code::value_out_of_range,
            "a filter must not have more than " + std::to_string(max_conditions) + " conditions");
      }
      return {};
    }
    if (depth > max_filter_depth) {
      reading_.findings.add(
          at, Code::value_out_of_range,
          "must not be nested more than " + std::to_string(max_filter_depth) + " deep");
      return {};
    }
    for (const auto& [key, kind] : branches) {
      if (find_member(*object, key) != nullptr) return read_branch(value, at, depth);
    }
    return read_condition(value, at);
  }

 private:
  FilterSpec read_branch(const JsonValue& value, const Location& at, std::size_t depth) {
    ObjectReader reader(reading_, &value, at, "a filter of others");
    const std::vector<Chosen> chosen = choose(reader, branches);
    if (chosen.size() > 1) {
      reading_.findings.add(at, Code::invalid_value,
                            "must have only one of all, any and not, not " + names_of(chosen));
    }
    FilterSpec filter;
    filter.kind = chosen.front().kind;
    const Location here = reader.at(chosen.front().key);
    if (filter.kind == Kind::negation) {
      filter.operands.push_back(read(*chosen.front().value, here, depth + 1));
    } else {
      read_operands(*chosen.front().value, here, depth, filter);
    }
    constexpr std::array<std::string_view, 11> of_conditions{
        "field", "eq", "ne", "in", "not_in", "lt", "le", "gt", "ge", "missing", "matches"};
    reader.finish(of_conditions, "a condition is an object of its own");
    return filter;
  }

  void read_operands(const JsonValue& value, const Location& at, std::size_t depth,
                     FilterSpec& filter) {
    const JsonArray* const array = value.array();
    if (array == nullptr) {
      reading_.findings.add(at, Code::wrong_type,
                            "must be an array of filters, not " + std::string(kind_name(value)));
      return;
    }
    if (array->empty()) {
      reading_.findings.add(at, Code::value_out_of_range, "must have at least one filter");
    }
    for (std::size_t index = 0; index < array->size(); ++index) {
      const Location here = at.index(index);
      filter.operands.push_back(read((*array)[index], here, depth + 1));
    }
  }

  FilterSpec read_condition(const JsonValue& value, const Location& at) {
    ObjectReader reader(reading_, &value, at, "a condition");
    FilterSpec filter;
    filter.field = reader.plain_text("field", {.required = true}).value_or("");
    const std::vector<Chosen> chosen = choose(reader, operators);
    reader.finish();
    if (chosen.size() != 1) {
      reading_.findings.add(at, Code::invalid_value,
                            "must have exactly one of eq, ne, in, not_in, lt, le, gt, ge, missing "
                            "and matches" +
                                (chosen.empty() ? std::string{} : ", not " + names_of(chosen)));
      return filter;
    }
    filter.kind = chosen.front().kind;
    read_operand(reader, chosen.front(), filter);
    return filter;
  }

  void read_operand(ObjectReader& reader, const Chosen& chosen, FilterSpec& filter) {
    const Location at = reader.at(chosen.key);
    if (chosen.kind == Kind::missing) {
      filter.expected = reader.boolean(chosen.key, true);
    } else if (chosen.kind == Kind::matches) {
      const auto pattern =
          reader.text(chosen.key, {.min_bytes = 0, .max_bytes = max_pattern_bytes});
      if (!pattern) return;
      check_pattern(reading_, *pattern, at);
      filter.values.push_back(pattern->value);
    } else if (chosen.kind == Kind::in || chosen.kind == Kind::not_in) {
      read_list(*chosen.value, at, filter);
    } else if (is_ordered(chosen.kind)) {
      read_bound(*chosen.value, at, filter);
    } else {
      read_value(*chosen.value, at, filter);
    }
  }

  void read_list(const JsonValue& value, const Location& at, FilterSpec& filter) {
    const JsonArray* const array = value.array();
    if (array == nullptr) {
      reading_.findings.add(at, Code::wrong_type,
                            "must be an array of values, not " + std::string(kind_name(value)));
      return;
    }
    if (array->empty() || array->size() > max_listed_values) {
      reading_.findings.add(at, Code::value_out_of_range,
                            "must have 1 to " + std::to_string(max_listed_values) + " elements");
      return;
    }
    for (std::size_t index = 0; index < array->size(); ++index) {
      const Location here = at.index(index);
      read_value((*array)[index], here, filter);
    }
  }

  void read_value(const JsonValue& value, const Location& at, FilterSpec& filter) {
    if (value.is_null()) {
      reading_.findings.add(at, Code::wrong_type,
                            "cannot be null; for values that are missing use \"missing\": true");
      return;
    }
    ScalarText scalar = scalar_text(reading_, value, at);
    if (scalar.text) filter.values.push_back(std::move(*scalar.text));
  }

  /// The value of an ordered comparison, which follows the type of the schema's field.
  void read_bound(const JsonValue& value, const Location& at, FilterSpec& filter) {
    const auto field = types_.find(filter.field);
    if (field == types_.end()) return read_value(value, at, filter);
    const ValueType type = field->second;
    if (type == ValueType::boolean || type == ValueType::uuid || type == ValueType::json ||
        type == ValueType::binary) {
      reading_.findings.add(
          at, Code::invalid_value,
          "is of no use for type " + std::string(to_string(type)) + ", which has no order");
      return;
    }
    std::string text;
    if (const std::string* const written = value.string()) {
      const auto replaced = reading_.environment.text(*written, at);
      if (!replaced) return;
      text = replaced->value;
    }
    auto canonical = canonical_value(value, text, type, timezone_);
    if (!canonical) {
      reading_.findings.add(at, Code::invalid_value,
                            "must be a value of type " + std::string(to_string(type)) +
                                " like the field, dates and times as ISO 8601");
      return;
    }
    filter.values.push_back(std::move(*canonical));
  }

  SpecReading& reading_;
  std::map<std::string_view, ValueType> types_;
  std::chrono::minutes timezone_{0};
  std::size_t conditions_ = 0;
};

}  // namespace

void read_filter(ObjectReader& document, JobSpec& spec) {
  constexpr std::string_view key = "filter";
  const JsonValue* const value = document.find_unless_null(key);
  if (value == nullptr) return;
  const Location at = document.at(key);
  FilterReader reader(document.reading(), spec.schema);
  spec.filter = reader.read(*value, at, 1);
  document.add(key, *value);
}

}  // namespace freight::core::spec
