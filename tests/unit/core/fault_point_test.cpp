#include "core/fault_point.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>

#include <gtest/gtest.h>

namespace freight::core {
namespace {

#ifdef FREIGHT_FAULT_POINTS

// The wish is read once a process, so each case runs in a process of its own.
[[noreturn]] void pass(const char* wish, int passages) {
  ::setenv("FREIGHT_FAULT", wish, 1);
  for (int passage = 0; passage < passages; ++passage) {
    fault_point("other");
    fault_point("before_commit");
  }
  std::_Exit(0);
}

class FaultPoint : public testing::Test {
 protected:
  void SetUp() override { GTEST_FLAG_SET(death_test_style, "threadsafe"); }
};

TEST_F(FaultPoint, KillsAtTheFirstPassage) {
  EXPECT_EXIT(pass("before_commit", 1), testing::KilledBySignal(SIGKILL), "");
}

TEST_F(FaultPoint, KillsAtTheNthPassageAndNotBefore) {
  EXPECT_EXIT(pass("before_commit:3", 3), testing::KilledBySignal(SIGKILL), "");
  EXPECT_EXIT(pass("before_commit:3", 2), testing::ExitedWithCode(0), "");
}

TEST_F(FaultPoint, LetsOthersPass) {
  EXPECT_EXIT(pass("after_commit", 5), testing::ExitedWithCode(0), "");
  EXPECT_EXIT(pass("", 5), testing::ExitedWithCode(0), "");
}

TEST_F(FaultPoint, StopsAndGoesOnWhenItIsTold) {
  const pid_t child = ::fork();
  if (child == 0) pass("stop:before_commit:2", 3);
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, WUNTRACED), child);
  EXPECT_TRUE(WIFSTOPPED(status));
  ASSERT_EQ(::kill(child, SIGCONT), 0);
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 0);
}

#else

TEST(FaultPoint, IsNothingInABuildWithoutThem) {
  ::setenv("FREIGHT_FAULT", "before_commit", 1);
  fault_point("before_commit");
  SUCCEED();
}

#endif

}  // namespace
}  // namespace freight::core
