#include "support/temporary_folder.hpp"

#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

namespace freight::testing {
namespace {

TEST(TemporaryFolder, IsEmptyAndItsOwn) {
  const TemporaryFolder first;
  const TemporaryFolder second;
  EXPECT_NE(first.path(), second.path());
  EXPECT_TRUE(std::filesystem::is_empty(first.path()));
}

TEST(TemporaryFolder, GoesWithAllThatIsInIt) {
  std::filesystem::path path;
  {
    const TemporaryFolder folder;
    path = folder.path();
    std::filesystem::create_directories(folder / "a" / "b");
    std::ofstream(folder / "a" / "b" / "file.txt") << "text";
    ASSERT_TRUE(std::filesystem::exists(folder / "a/b/file.txt"));
  }
  EXPECT_FALSE(std::filesystem::exists(path));
}

}  // namespace
}  // namespace freight::testing
