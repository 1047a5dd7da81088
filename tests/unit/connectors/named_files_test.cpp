#include "connectors/file/named_files.hpp"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "connectors/file/name_pattern.hpp"
#include "freight/error.hpp"
#include "support/file_writing.hpp"
#include "support/temporary_folder.hpp"

namespace freight::file {
namespace {

TEST(NamePattern, MatchesAnyTextAndSingleCharacters) {
  EXPECT_TRUE(is_of_pattern("*.csv", "a.csv"));
  EXPECT_TRUE(is_of_pattern("*a*b*", "xxaxxbxx"));
  EXPECT_TRUE(is_of_pattern("a*", "a"));
  EXPECT_FALSE(is_of_pattern("*.csv", "a.csv.gz"));
  EXPECT_FALSE(is_of_pattern("a", "ab"));
  EXPECT_FALSE(is_of_pattern("", "a"));
}

TEST(NamePattern, TakesACharacterOfUtf8ForOne) {
  EXPECT_TRUE(is_of_pattern("caf?.csv", "caf\xC3\xA9.csv"));
  EXPECT_FALSE(is_of_pattern("caf??.csv", "caf\xC3\xA9.csv"));
  EXPECT_TRUE(is_of_pattern("*?", "\xC3\xA9"));
}

TEST(NamePattern, KnowsSetsOfCharacters) {
  EXPECT_TRUE(is_of_pattern("[a-c]1", "b1"));
  EXPECT_FALSE(is_of_pattern("[a-c]1", "d1"));
  EXPECT_TRUE(is_of_pattern("[!a-c]1", "d1"));
  EXPECT_TRUE(is_of_pattern("[]x]", "]"));
  EXPECT_TRUE(is_of_pattern("a[b", "a[b"));
  EXPECT_FALSE(is_of_pattern("[", "a"));
}

TEST(NamePattern, PassesOverHiddenNames) {
  EXPECT_FALSE(is_of_pattern("*", ".a"));
  EXPECT_TRUE(is_of_pattern(".*", ".a"));
}

class NamedFiles : public ::testing::Test {
 protected:
  NamedFiles() {
    for (const char* const name : {"b.csv", "a.csv", "B.csv", "x.txt", "deep/c.csv"}) {
      std::filesystem::create_directories((folder_ / name).parent_path());
      testing::write_file(folder_ / name, "x");
    }
  }

  std::vector<std::string> named(const std::vector<std::string>& paths) const {
    std::vector<std::filesystem::path> whole;
    for (const std::string& path : paths) whole.push_back(folder_ / path);
    std::vector<std::string> names;
    for (const auto& file : named_files(whole, ".csv")) {
      names.push_back(file.lexically_relative(folder_.path()).string());
    }
    return names;
  }

  testing::TemporaryFolder folder_;
};

using Paths = std::vector<std::string>;

TEST_F(NamedFiles, AreInByteOrderAndEachOnce) {
  EXPECT_EQ(named({"*.csv"}), (Paths{"B.csv", "a.csv", "b.csv"}));
  EXPECT_EQ(named({"b.csv", "*.csv", "deep", "a.csv"}),
            (Paths{"B.csv", "a.csv", "b.csv", "deep/c.csv"}));
  EXPECT_EQ(named({"*/*.csv"}), (Paths{"deep/c.csv"}));
}

TEST_F(NamedFiles, OfAFolderAreThoseOfTheEnding) {
  EXPECT_EQ(named({"."}).size(), 3U);
  EXPECT_EQ(named({"deep"}), (Paths{"deep/c.csv"}));
}

TEST_F(NamedFiles, ArePlainOnesWhetherTheyExistOrNot) {
  EXPECT_EQ(named({"none.csv"}), (Paths{"none.csv"}));
}

TEST_F(NamedFiles, AreRefusedWithoutAMatch) {
  for (const char* const path : {"*.tsv", "none/*.csv"}) {
    try {
      named({"a.csv", path});
      ADD_FAILURE() << path;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), Code::source_not_found);
      EXPECT_NE(std::string(error.what()).find(path), std::string::npos) << error.what();
    }
  }
}

TEST_F(NamedFiles, WouldBeAmongThemBeforeTheyExist) {
  const auto would = [&](const char* path, const char* file) {
    return would_name({folder_ / path}, ".csv", folder_ / file);
  };
  EXPECT_TRUE(would("*.csv", "new.csv"));
  EXPECT_TRUE(would("", "new.csv"));
  EXPECT_TRUE(would("d*/*.csv", "deep/new.csv"));
  EXPECT_FALSE(would("*.csv", "deep/new.csv"));
  EXPECT_FALSE(would("", "new.txt"));
}

}  // namespace
}  // namespace freight::file
