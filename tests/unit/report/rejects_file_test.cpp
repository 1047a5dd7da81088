#include <fstream>

#include <gtest/gtest.h>

#include "freight/error.hpp"
#include "freight/report.hpp"
#include "support/temporary_folder.hpp"

namespace freight::testing {
namespace {

using Texts = std::vector<std::optional<std::string>>;

constexpr const char* header =
    "ordinal,line,byte_offset,byte_length,code,category,stage,column,value,expected,message,"
    "error_count,attempts,state,raw,raw_encoding,id,amount\n";

/// A rejects file of a job whose CSV source has the fields id and amount.
class RejectsFileTest : public ::testing::Test {
 protected:
  std::vector<Correction> read(const std::string& text) {
    const auto path = folder_ / "rejects.csv";
    std::ofstream(path, std::ios::binary) << text;
    Job job;
    job.spec = R"({"source":{"type":"csv","path":"/x.csv"},"destination":{"type":"null"}})";
    job.source_fields = {"id", "amount"};
    std::vector<Correction> corrections;
    auto next = read_corrections(path.string(), job);
    Correction correction;
    while (next(correction)) corrections.push_back(correction);
    return corrections;
  }

  static std::string row(const std::string& raw, const std::string& cells,
                         const std::string& encoding = "utf-8") {
    return "7,9,1,5,type_mismatch,data,validate,amount,x,,bad,1,1,open," + raw + ',' + encoding +
           ',' + cells + '\n';
  }

  std::optional<Code> code_of(const std::string& text) {
    try {
      read(text);
    } catch (const Error& error) {
      return error.code();
    }
    return std::nullopt;
  }

  TemporaryFolder folder_;
};

TEST_F(RejectsFileTest, CorrectedCellsBecomeACorrection) {
  const auto read_back = read("\xEF\xBB\xBF" + std::string(header) +
                              row("\"1,x\"\"y\"", "\"1\",\"say \"\"hi\"\", 2\""));
  ASSERT_EQ(read_back.size(), 1U);
  EXPECT_EQ(read_back[0].ordinal, 7U);
  EXPECT_EQ(read_back[0].texts, (Texts{"1", "say \"hi\", 2"}));
  EXPECT_EQ(read(header + row("\"1,xyz\"", "1,\"\""))[0].texts, (Texts{"1", ""}));
  EXPECT_EQ(read(header + row("\"1,xyz\"", "1,"))[0].texts, (Texts{"1", std::nullopt}));
}

TEST_F(RejectsFileTest, ARowThatWasLeftAsItIsIsTriedAgainAsItStandsInTheSource) {
  EXPECT_TRUE(read(header + row("\"1,xyz\"", "1,xyz"))[0].texts.empty());
  // Of too many fields the last are not shown: they must not be lost unseen.
  EXPECT_TRUE(read(header + row("\"1,2,3\"", "1,2"))[0].texts.empty());
  // A raw text that was cut shows no fields.
  EXPECT_TRUE(read(header + row("1", ","))[0].texts.empty());
}

TEST_F(RejectsFileTest, EscapedCellsAreBytesAgain) {
  EXPECT_TRUE(read(header + row("\"1,\\xFFaa\"", "1,\\xFFaa", "escaped"))[0].texts.empty());
  EXPECT_EQ(read(header + row("\"1,\\xFFaa\"", "1,a\\\\b", "escaped"))[0].texts,
            (Texts{"1", "a\\b"}));
  EXPECT_EQ(code_of(header + row("\"1,\\xFFaa\"", "2,\\xFFaa", "escaped")), Code::invalid_value);
}

TEST_F(RejectsFileTest, WhatIsNoRejectsFileOfTheJobIsRefused) {
  EXPECT_EQ(code_of("id,amount\n1,2\n"), Code::missing_header);
  EXPECT_EQ(code_of(""), Code::missing_header);
  EXPECT_EQ(code_of(header + std::string("7,9\n")), Code::invalid_value);
  EXPECT_EQ(code_of(header + row("\"1,xyz\"", "\"1,2")), Code::invalid_value);
}

}  // namespace
}  // namespace freight::testing
