// Texts that hold no whole array of records: each refusal says what, where and what to do.

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/json_array/json_fixture.hpp"

namespace freight::testing::json_refusals_test {
namespace {

using ::testing::HasSubstr;

void expect_refusal(const JsonFile& file, const std::string& message, const std::string& hint) {
  const Failure failure = file.refusal();
  EXPECT_EQ(failure.code, Code::source_unreadable);
  EXPECT_THAT(failure.message, HasSubstr(message));
  EXPECT_THAT(failure.details.hint, HasSubstr(hint));
}

TEST(JsonRefusals, NoJsonAtAll) {
  expect_refusal(JsonFile(""), "is empty", "[]");
  expect_refusal(JsonFile(" \n "), "is empty", "[]");
  expect_refusal(JsonFile("\nid,name\n"), "begins with \"i\" on line 2 (byte 1)", "csv");
}

TEST(JsonRefusals, ATextThatIsNoArraySaysWhereOneIs) {
  expect_refusal(JsonFile("{\"a\":1}\n{\"a\":2}\n"), "is an object, not an array of objects",
                 "jsonl");
  expect_refusal(JsonFile("{\"meta\":{},\"data\":{\"rows\":[{\"a\":1}]}}"), "is an object",
                 "\"/data/rows\"");
  expect_refusal(JsonFile(" 5"), "is a number, not an array of objects, on line 1 (byte 1)",
                 "records_pointer");
}

TEST(JsonRefusals, APointerThatLeadsNowhere) {
  const std::string text = "{\"data\":\n{\"items\":[{\"a\":1}],\"n\":5}}";
  expect_refusal(JsonFile(text, "/data/itms"), "\"/data/itms\" leads to nothing in the source",
                 "\"items\"");
  expect_refusal(JsonFile(text, "/data/itms"),
                 "the object at \"/data\", on line 2 (byte 9), has no member \"itms\"", "");
  expect_refusal(JsonFile(text, "/x"), "has no member \"x\"", "\"data\"");
  expect_refusal(JsonFile(text, "/data/items/7"), "has 1 elements and no \"7\"", "from 0");
  expect_refusal(JsonFile(text, "/data/n/x"),
                 "there is a number at \"/data/n\", on line 2 (byte 32)", "pointer");
}

TEST(JsonRefusals, APointerThatLeadsToNoArray) {
  const std::string text = "{\"data\":\n{\"items\":[{\"a\":1}],\"n\":5}}";
  expect_refusal(JsonFile(text, "/data"), "leads, in the source", "\"/data/items\"");
  expect_refusal(JsonFile(text, "/data"),
                 "to an object, not an array of objects, on line 2 (byte 9)", "");
  expect_refusal(JsonFile(text, "/data/n"), "to a number, not an array of objects", "/data/items");
}

TEST(JsonRefusals, ATextThatIsCutShort) {
  expect_refusal(JsonFile("[{\"a\":1},\n{\"a\":2"),
                 "ends within the element that begins on line 2 (byte 10)", "cut off");
  expect_refusal(JsonFile("[{\"a\":1},\n{\"a\":\"2"), "ends within the element", "quote");
  expect_refusal(JsonFile("[{\"a\":1},\n"), "ends on line 2 (byte 10)", "cut off");
  expect_refusal(JsonFile("["), "ends on line 1 (byte 1)", "]");
  expect_refusal(JsonFile("[{\"a\":1}"), "ends within the element", "cut off");
  expect_refusal(JsonFile("{\"x\":[{\"a\":1}]", "/x"), "stands in is not closed", "cut off");
  expect_refusal(JsonFile("{\"x\":[{\"a\":1}],\"y\":\"", "/x"), "stands in is not closed",
                 "cut off");
  expect_refusal(JsonFile("{\"z\":5,\n\"x\"", "/x"), "on line 2 (byte 11) a colon is missing",
                 "cut off");
  expect_refusal(JsonFile("{\"z\":[1,", "/x"), "the text ends", "cut off");
}

TEST(JsonRefusals, WhatFollowsTheEnd) {
  expect_refusal(JsonFile("[{\"a\":1}]\n]"), "goes on behind its JSON, on line 2 (byte 10)",
                 "Take out");
  expect_refusal(JsonFile("[{\"a\":1}]\n[{\"a\":2}]"), "goes on behind its JSON", "of its own");
  expect_refusal(JsonFile("{\"x\":[{\"a\":1}]}}", "/x"), "goes on behind its JSON", "Take out");
  expect_refusal(JsonFile("{\"x\":[{\"a\":1}]]", "/x"), "is no JSON on line 1 (byte 14)",
                 "Correct");
  expect_refusal(JsonFile("{\"x\":[{\"a\":1}] \"y\":1}", "/x"), "is no JSON on line 1 (byte 15)",
                 "comma");
}

}  // namespace
}  // namespace freight::testing::json_refusals_test
