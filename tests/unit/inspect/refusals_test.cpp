#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "freight/error.hpp"
#include "unit/inspect/inspect_testing.hpp"

namespace freight {
namespace {

using testing::inspect_text;

Failure refusal_of(std::string_view text) {
  try {
    inspect_text(text);
  } catch (const Error& error) {
    return failure_of(error);
  }
  ADD_FAILURE() << "nothing was thrown";
  return {};
}

TEST(Refusals, SayWhatTheFileIs) {
  using ::testing::HasSubstr;
  EXPECT_EQ(refusal_of("").code, Code::missing_header);
  EXPECT_EQ(refusal_of("\n\n \n").code, Code::missing_header);
  EXPECT_THAT(refusal_of(std::string("name,b\nxxxxxxxxxx,\0\n", 20)).message, HasSubstr("NUL"));
  EXPECT_THAT(refusal_of("\x1F\x8B abc").message, HasSubstr("gzip"));
  EXPECT_THAT(refusal_of("{\"a\": [{\"x\": 1}],\n \"b\": [{\"y\": 1}]}").message,
              HasSubstr("several arrays of objects: \"/a\", \"/b\""));
  EXPECT_THAT(refusal_of("{\n  \"a\": 1\n}\n").message, HasSubstr("spread over lines"));
  EXPECT_THAT(refusal_of("a,b\n1,2\r3,4\r5,6\r7,8\r" + std::string(60, '\r')).message,
              HasSubstr("CR alone 64 times and LF 1 time"));
  EXPECT_THAT(refusal_of(std::string(3'000'000, 'x')).message, HasSubstr("no line end"));
}

TEST(Refusals, MoreColumnsThanASchemaNamesAreNotLookedAt) {
  using ::testing::HasSubstr;
  std::string header = "c0";
  std::string row = "0";
  std::string keys = "{\"0\": 0";
  for (int column = 1; column <= 10'000; ++column) {
    header += ",c" + std::to_string(column);
    row += ",1";
    keys += ",\"" + std::to_string(column) + "\": 1";
  }
  EXPECT_THAT(refusal_of(header + "\n" + row + "\n").message, HasSubstr("10 001 columns"));
  EXPECT_THAT(refusal_of(keys + "}\n").message, HasSubstr("10 000 different keys"));
  EXPECT_EQ(inspect_text("a,b\n1,2\n", {.columns = 2}).columns.size(), 2U);
}

TEST(Refusals, AnEncodingThatTheTextDoesNotShowIsNotGuessed) {
  // Russian in IBM866, and German that is readable in two encodings.
  const Failure russian = refusal_of("a,b\n1,\x8C\xAE\xE1\xAA\xA2\xA0\n2,\x90\xA8\xA3\xA0\n");
  EXPECT_EQ(russian.code, Code::source_unreadable);
  EXPECT_THAT(russian.details.hint, ::testing::HasSubstr("iconv"));
  EXPECT_EQ(refusal_of("a,b\n1,Z\x81rich\n2,B\x84ren\n").code, Code::source_unreadable);
}

}  // namespace
}  // namespace freight
