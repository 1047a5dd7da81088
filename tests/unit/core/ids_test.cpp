#include "freight/ids.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <set>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace freight {
namespace {

TEST(Uuid, IsVersionSevenWithTheTimeInFront) {
  const auto before = std::chrono::system_clock::now();
  const Uuid uuid = Uuid::generate();
  const auto& bytes = uuid.bytes();
  EXPECT_EQ(bytes[6] >> 4, 7);
  EXPECT_EQ(bytes[8] >> 6, 2);
  std::int64_t milliseconds = 0;
  for (std::size_t index = 0; index < 6; ++index) milliseconds = milliseconds << 8 | bytes[index];
  const auto expected =
      std::chrono::duration_cast<std::chrono::milliseconds>(before.time_since_epoch()).count();
  EXPECT_GE(milliseconds, expected);
  EXPECT_LE(milliseconds, expected + 60'000);
}

TEST(Uuid, IncreasesStrictlyWithinAThreadAndItsTextSortsAlike) {
  Uuid last = Uuid::generate();
  for (int round = 0; round < 100'000; ++round) {
    const Uuid next = Uuid::generate();
    ASSERT_LT(last, next);
    if (round % 1000 == 0) {
      ASSERT_LT(last.to_string(), next.to_string());
    }
    last = next;
  }
}

TEST(Uuid, IsUniqueAcrossThreads) {
  constexpr int threads = 8;
  constexpr int each = 5000;
  std::vector<std::vector<Uuid>> made(threads);
  {
    std::vector<std::jthread> running;
    for (auto& own : made) {
      running.emplace_back([&own] {
        for (int round = 0; round < each; ++round) own.push_back(Uuid::generate());
      });
    }
  }
  std::set<Uuid> all;
  for (const auto& own : made) all.insert(own.begin(), own.end());
  EXPECT_EQ(all.size(), static_cast<std::size_t>(threads * each));
}

TEST(Uuid, OfAForkedChildIsNotItsParents) {
  Uuid::generate();
  int channel[2];
  ASSERT_EQ(::pipe(channel), 0);
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    const auto bytes = Uuid::generate().bytes();
    ::_exit(::write(channel[1], bytes.data(), bytes.size()) == 16 ? 0 : 1);
  }
  const Uuid own = Uuid::generate();
  Uuid::Bytes bytes{};
  ASSERT_EQ(::read(channel[0], bytes.data(), bytes.size()), 16);
  int status = 0;
  ::waitpid(child, &status, 0);
  // The last bits are random: equal only when the generator's state was shared.
  EXPECT_FALSE(std::equal(bytes.begin() + 8, bytes.end(), own.bytes().begin() + 8));
}

TEST(Uuid, ReadsItsOwnTextInEitherCase) {
  const auto uuid = Uuid::parse("0197a2b4-c5d6-7E8F-9a0b-1c2d3e4f5A6B");
  ASSERT_TRUE(uuid.has_value());
  EXPECT_EQ(uuid->to_string(), "0197a2b4-c5d6-7e8f-9a0b-1c2d3e4f5a6b");
  EXPECT_EQ(Uuid::parse(uuid->to_string()), uuid);
  EXPECT_EQ(Uuid{}.to_string(), "00000000-0000-0000-0000-000000000000");
  EXPECT_TRUE(Uuid{}.is_nil());
}

TEST(Uuid, RefusesEveryOtherText) {
  for (const auto* text :
       {"", "0197a2b4c5d67e8f9a0b1c2d3e4f5a6b", "0197a2b4-c5d6-7e8f-9a0b-1c2d3e4f5a6",
        "0197a2b4-c5d6-7e8f-9a0b-1c2d3e4f5a6bb", "0197a2b4-c5d6-7e8f-9a0b_1c2d3e4f5a6b",
        "0197a2g4-c5d6-7e8f-9a0b-1c2d3e4f5a6b", "{0197a2b4-c5d6-7e8f-9a0b-1c2d3e4f5a}",
        "-197a2b4-c5d6-7e8f-9a0b-1c2d3e4f5a6b"}) {
    EXPECT_FALSE(Uuid::parse(text).has_value()) << text;
  }
}

TEST(StrongId, KeepsKindsApartAndHashes) {
  static_assert(!std::is_convertible_v<JobId, BatchId>);
  const JobId id = JobId::generate();
  EXPECT_EQ(JobId::parse(id.to_string()), id);
  EXPECT_FALSE(JobId::parse("x").has_value());
  EXPECT_EQ(std::hash<JobId>{}(id), std::hash<JobId>{}(*JobId::parse(id.to_string())));
}

}  // namespace
}  // namespace freight
