#include "core/spec/json_reader.hpp"

#include <algorithm>
#include <cstdint>
#include <utility>

#include <boost/json/basic_parser_impl.hpp>

#include "core/spec/record_text.hpp"
#include "core/utf8.hpp"

namespace freight::core::spec {
namespace {

namespace json = boost::json;

/// The handler of Boost's parser: builds the tree, and the texts of the inline records.
class DocumentBuilder {
 public:
  static constexpr std::size_t max_array_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_object_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_string_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_key_size = static_cast<std::size_t>(-1);

  DocumentBuilder(const std::vector<std::string>& base, Findings& findings)
      : base_(base), findings_(findings) {}

  JsonValue take() { return std::move(document_); }
  /// Why the handler stopped the parser; empty when it did not.
  const std::string& limit_error() const { return limit_error_; }

  bool on_document_begin(json::error_code&) { return true; }
  bool on_document_end(json::error_code&) { return true; }

  bool on_object_begin(json::error_code& error) {
    if (in_records()) {
      record_.begin_object();
      return true;
    }
    frames_.push_back({JsonValue{JsonObject{}}, {}});
    return count_value(error);
  }

  bool on_object_end(std::size_t, json::error_code& error) {
    if (in_records()) {
      record_.end_object();
      return end_record_value(error);
    }
    drop_duplicates(std::get<JsonObject>(frames_.back().value.value));
    return end_frame(error);
  }

  bool on_array_begin(json::error_code& error) {
    if (in_records()) {
      record_.begin_array();
      return true;
    }
    if (at_inline_records()) {
      frames_.push_back({JsonValue{JsonRecords{std::make_shared<std::vector<std::string>>()}}, {}});
    } else {
      frames_.push_back({JsonValue{JsonArray{}}, {}});
    }
    return count_value(error);
  }

  bool on_array_end(std::size_t, json::error_code& error) {
    if (in_records() && record_.open()) {
      record_.end_array();
      return end_record_value(error);
    }
    return end_frame(error);
  }

  bool on_key_part(json::string_view part, std::size_t, json::error_code&) {
    text_.append(part.data(), part.size());
    return true;
  }

  bool on_key(json::string_view part, std::size_t, json::error_code&) {
    text_.append(part.data(), part.size());
    if (in_records()) {
      record_.key(text_);
      text_.clear();
    } else {
      frames_.back().key = std::exchange(text_, {});
    }
    return true;
  }

  bool on_string_part(json::string_view part, std::size_t, json::error_code&) {
    text_.append(part.data(), part.size());
    return true;
  }

  bool on_string(json::string_view part, std::size_t, json::error_code& error) {
    text_.append(part.data(), part.size());
    if (in_records()) {
      record_.string(text_);
      text_.clear();
      return end_record_value(error);
    }
    return add(JsonValue{std::exchange(text_, {})}, error);
  }

  bool on_number_part(json::string_view part, json::error_code&) {
    text_.append(part.data(), part.size());
    return true;
  }

  bool on_int64(std::int64_t, json::string_view part, json::error_code& error) {
    return on_number(part, error);
  }
  bool on_uint64(std::uint64_t, json::string_view part, json::error_code& error) {
    return on_number(part, error);
  }
  bool on_double(double, json::string_view part, json::error_code& error) {
    return on_number(part, error);
  }

  bool on_bool(bool value, json::error_code& error) {
    if (in_records()) return on_record_literal(value ? "true" : "false", error);
    return add(JsonValue{value}, error);
  }

  bool on_null(json::error_code& error) {
    if (in_records()) return on_record_literal("null", error);
    return add(JsonValue{}, error);
  }

  // Comments are no JSON: the parser refuses them before it asks.
  bool on_comment_part(json::string_view, json::error_code&) { return true; }
  bool on_comment(json::string_view, json::error_code&) { return true; }

 private:
  struct Frame {
    JsonValue value;
    /// Of the member that is being read.
    std::string key;
  };

  bool in_records() const { return !frames_.empty() && frames_.back().value.records() != nullptr; }

  /// True when the value that begins is the one at /source/records.
  bool at_inline_records() const {
    if (base_.size() + frames_.size() != 2) return false;
    const auto token = [this](std::size_t depth, std::string_view name) {
      if (depth < base_.size()) return base_[depth] == name;
      const Frame& frame = frames_[depth - base_.size()];
      return frame.value.object() != nullptr && frame.key == name;
    };
    return token(0, "source") && token(1, "records");
  }

  bool on_number(json::string_view part, json::error_code& error) {
    text_.append(part.data(), part.size());
    if (in_records()) {
      const bool go_on = on_record_literal(text_, error);
      text_.clear();
      return go_on;
    }
    return add(JsonValue{JsonNumber{std::exchange(text_, {})}}, error);
  }

  bool on_record_literal(std::string_view text, json::error_code& error) {
    record_.literal(text);
    return end_record_value(error);
  }

  /// After each value within the records: keeps it when it was a whole element.
  bool end_record_value(json::error_code& error) {
    if (!record_.complete()) return true;
    auto& texts = *std::get<JsonRecords>(frames_.back().value.value).texts;
    for (const std::string& duplicate : record_.take_duplicates()) {
      findings_.add(pointer() + '/' + std::to_string(texts.size()) + duplicate, Code::duplicate_key,
                    "the key stands twice in one object");
    }
    if (texts.size() == max_inline_records) {
      return stop("more than " + std::to_string(max_inline_records) +
                      " inline records; put them into a file and use a source of type \"csv\"",
                  error);
    }
    texts.push_back(record_.take());
    return true;
  }

  bool count_value(json::error_code& error) {
    if (++values_ <= max_values) return true;
    return stop("more than " + std::to_string(max_values) + " values beside inline records", error);
  }

  bool stop(std::string why, json::error_code& error) {
    limit_error_ = std::move(why);
    error = json::error::exception;
    return false;
  }

  bool add(JsonValue value, json::error_code& error) {
    attach(std::move(value));
    return count_value(error);
  }

  void attach(JsonValue value) {
    if (frames_.empty()) {
      document_ = std::move(value);
      return;
    }
    Frame& frame = frames_.back();
    if (auto* const object = std::get_if<JsonObject>(&frame.value.value)) {
      object->push_back({std::exchange(frame.key, {}), std::move(value)});
    } else {
      std::get<JsonArray>(frame.value.value).push_back(std::move(value));
    }
  }

  bool end_frame(json::error_code&) {
    JsonValue value = std::move(frames_.back().value);
    frames_.pop_back();
    attach(std::move(value));
    return true;
  }

  void drop_duplicates(JsonObject& object) {
    if (object.size() < 2) return;
    std::vector<std::size_t> order(object.size());
    for (std::size_t index = 0; index < order.size(); ++index) order[index] = index;
    std::sort(order.begin(), order.end(), [&object](std::size_t left, std::size_t right) {
      const int compared = object[left].key.compare(object[right].key);
      return compared != 0 ? compared < 0 : left < right;
    });
    std::vector<bool> drop(object.size());
    bool any = false;
    for (std::size_t index = 1; index < order.size(); ++index) {
      if (object[order[index]].key != object[order[index - 1]].key) continue;
      if (!drop[order[index - 1]] && !findings_.full()) report_duplicate(object[order[index]].key);
      drop[order[index]] = true;
      any = true;
    }
    if (!any) return;
    JsonObject kept;
    for (std::size_t index = 0; index < object.size(); ++index) {
      if (!drop[index]) kept.push_back(std::move(object[index]));
    }
    object = std::move(kept);
  }

  void report_duplicate(std::string_view key) {
    std::string where = pointer();
    append_pointer_key(where, key);
    findings_.add(std::move(where), Code::duplicate_key, "the key stands twice in one object");
  }

  /// Of the value of the innermost frame.
  std::string pointer() const {
    std::string text;
    for (const std::string& token : base_) append_pointer_key(text, token);
    for (std::size_t depth = 0; depth + 1 < frames_.size(); ++depth) {
      const Frame& frame = frames_[depth];
      if (const JsonArray* const array = frame.value.array()) {
        text += '/' + std::to_string(array->size());
      } else {
        append_pointer_key(text, frame.key);
      }
    }
    return text;
  }

  const std::vector<std::string>& base_;
  Findings& findings_;
  JsonValue document_;
  std::vector<Frame> frames_;
  RecordText record_;
  std::size_t values_ = 0;
  /// The string, key or number that is being read.
  std::string text_;
  std::string limit_error_;
};

/// `line L, column C`, both from 1, columns in code points.
std::string position_text(std::string_view text, std::size_t offset) {
  const std::string_view before = text.substr(0, offset);
  const auto lines = std::count(before.begin(), before.end(), '\n');
  const std::size_t line_begin =
      before.rfind('\n') == std::string_view::npos ? 0 : before.rfind('\n') + 1;
  const std::string_view on_line = before.substr(line_begin);
  const auto columns = std::count_if(on_line.begin(), on_line.end(), [](char byte) {
    return (static_cast<unsigned char>(byte) & 0xC0U) != 0x80U;
  });
  return "line " + std::to_string(lines + 1) + ", column " + std::to_string(columns + 1);
}

/// The code point at `offset` when it can be shown.
std::string_view character_at(std::string_view text, std::size_t offset) {
  constexpr std::size_t longest_code_point = 4;
  const std::string_view rest = text.substr(offset, longest_code_point);
  const std::string_view valid = rest.substr(0, valid_utf8_prefix(rest));
  std::size_t size = std::min<std::size_t>(valid.size(), 1);
  while (size < valid.size() && (static_cast<unsigned char>(valid[size]) & 0xC0U) == 0x80U) ++size;
  return valid.substr(0, size);
}

std::string found_text(std::string_view text, std::size_t offset) {
  if (offset >= text.size()) return "the document ends here before it is complete";
  const std::string_view character = character_at(text, offset);
  if (character.empty()) return "bytes that are not valid UTF-8";
  const auto byte = static_cast<unsigned char>(character.front());
  if (byte < 0x20) return "a control character stands here; within a string write it as \\u00XX";
  return "not valid JSON at '" + std::string(character) + "'";
}

std::string describe(json::error_code error, std::string_view text, std::size_t offset) {
  if (error == json::error::too_deep) {
    return "nested more than " + std::to_string(max_depth) + " deep";
  }
  if (error == json::error::syntax || error == json::error::incomplete) {
    return found_text(text, offset);
  }
  return error.message();
}

}  // namespace

JsonReadResult read_json(std::string_view text, const JsonReadOptions& options,
                         Findings& findings) {
  constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
  const std::size_t begin = text.starts_with(byte_order_mark) ? byte_order_mark.size() : 0;
  json::parse_options parse_options;
  parse_options.max_depth = max_depth - std::min(max_depth, options.base.size());
  json::basic_parser<DocumentBuilder> parser(parse_options, options.base, findings);
  json::error_code error;
  const std::size_t used =
      parser.write_some(false, text.data() + begin, text.size() - begin, error);
  const std::size_t offset = begin + used;

  JsonReadResult result;
  if (!error && offset == text.size()) {
    result.value = parser.handler().take();
    return result;
  }
  const std::string& limit = parser.handler().limit_error();
  std::string what = !limit.empty() ? limit
                     : error        ? describe(error, text, offset)
                                    : "text follows after the end of the document";
  result.syntax_error = {position_text(text, offset) + ": " + what,
                         !limit.empty() || error == json::error::too_deep};
  return result;
}

}  // namespace freight::core::spec
