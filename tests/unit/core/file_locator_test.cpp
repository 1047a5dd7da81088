#include "core/file_locator.hpp"

#include <gtest/gtest.h>

#include "freight/source.hpp"

namespace freight::core {
namespace {

TEST(FileLocator, IsWhatItWasAfterItsTextIsRead) {
  const FileLocator written{.file = 12, .columns = {2, 0, 1}, .name = "/data/a b, é 1.csv"};
  const auto read = FileLocator::from_text(written.to_text());
  ASSERT_TRUE(read);
  EXPECT_EQ(read->file, written.file);
  EXPECT_EQ(read->columns, written.columns);
  EXPECT_EQ(read->name, written.name);
}

TEST(FileLocator, SaysNothingOfColumnsThatAreInOrder) {
  const auto read = FileLocator::from_text(FileLocator{.name = "a.csv"}.to_text());
  ASSERT_TRUE(read);
  EXPECT_TRUE(read->columns.empty());
}

TEST(FileLocator, NamesNoFileInTheWordsOfOtherSources) {
  for (const char* const text : {"", "page=7", "file/2 0 - a.csv", "file/1 x - a.csv",
                                 "file/1 0 1,x a.csv", "file/1 0", "file/1 0 -"}) {
    EXPECT_FALSE(FileLocator::from_text(text)) << text;
    EXPECT_EQ(file_of_locator(text), "") << text;
  }
  EXPECT_EQ(file_of_locator("file/1 0 - /a.csv"), "/a.csv");
}

}  // namespace
}  // namespace freight::core
