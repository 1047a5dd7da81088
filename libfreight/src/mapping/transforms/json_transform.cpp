#include "mapping/transforms/json_pointer.hpp"
#include "mapping/transforms/text_transform.hpp"

namespace freight::mapping {
namespace {

class FindInJson final : public TextTransform {
 public:
  explicit FindInJson(const std::string& pointer) : pointer_(pointer), text_(pointer) {}

  void apply(TransformedText& value, std::string& out, ArenaWriter&) const override {
    const JsonPointer::Result result = pointer_.find(value.text, out);
    if (result.fault != Fault::none) {
      ConverterOptions options;
      options.type = ValueType::json;
      value.error = Converter(options).diagnose(value.text, result.fault);
      value.error->hint =
          "\"json_pointer\" reads JSON text; its pointer is " + in_quotes(text_) + ".";
    } else if (!result.found) {
      value.set_null();
    } else {
      value.text = result.text;
    }
  }

 private:
  JsonPointer pointer_;
  std::string text_;
};

}  // namespace

std::unique_ptr<const TextTransform> make_json_pointer(const Transform& transform) {
  return std::make_unique<const FindInJson>(transform.argument);
}

}  // namespace freight::mapping
