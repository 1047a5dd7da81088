#include "options.hpp"

#include <cstdlib>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "freight/error.hpp"
#include "support/temporary_folder.hpp"

namespace freight::daemon {
namespace {

using ::testing::HasSubstr;

class OptionsTest : public ::testing::Test {
 protected:
  void TearDown() override {
    for (const auto* name : {"FREIGHT_STORAGE", "FREIGHT_WORKERS", "FREIGHT_JSON", "FREIGHT_CONFIG",
                             "FREIGHT_FAULT"}) {
      ::unsetenv(name);
    }
  }

  static Options read(const std::vector<std::string>& words, OptionSet set = OptionSet::run) {
    return read_options(set, words);
  }

  static std::string usage_error(const std::vector<std::string>& words,
                                 OptionSet set = OptionSet::run) {
    try {
      read(words, set);
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), Code::usage);
      return error.what();
    }
    return "no error";
  }

  std::string config(const std::string& text) {
    const auto path = folder_ / "freightd.conf";
    std::ofstream(path) << text;
    return path.string();
  }

  freight::testing::TemporaryFolder folder_;
};

TEST_F(OptionsTest, HaveTheDefaultsOfTheContract) {
  const Options options = read({"job.json"});
  EXPECT_EQ(options.storage, "sqlite:freight.db");
  EXPECT_EQ(options.workers, 0U);
  EXPECT_EQ(options.progress, ProgressStyle::automatic);
  EXPECT_FALSE(options.json || options.new_job || options.help);
  EXPECT_FALSE(options.report || options.rejects || options.limit);
  EXPECT_EQ(options.arguments, std::vector<std::string>{"job.json"});
}

TEST_F(OptionsTest, ReadEveryOptionFromTheCommandLine) {
  const Options options =
      read({"--storage", "sqlite:x.db", "--workers=3", "--progress", "none", "--report", "r.json",
            "--rejects", "x.csv", "--json", "--new", "--limit", "7", "--set", "/source/path=a=b",
            "--set", "/name=x", "-"});
  EXPECT_EQ(options.storage, "sqlite:x.db");
  EXPECT_EQ(options.workers, 3U);
  EXPECT_EQ(options.progress, ProgressStyle::none);
  EXPECT_EQ(options.report, "r.json");
  EXPECT_EQ(options.rejects, "x.csv");
  EXPECT_TRUE(options.json && options.new_job);
  EXPECT_EQ(options.limit, 7U);
  ASSERT_EQ(options.overrides.size(), 2U);
  EXPECT_EQ(options.overrides[0], (std::pair<std::string, std::string>("/source/path", "a=b")));
  EXPECT_EQ(options.arguments, std::vector<std::string>{"-"});
}

TEST_F(OptionsTest, ALeaseIsOfASecondToTenMinutesAndIsRenewedFiveTimes) {
  EXPECT_EQ(engine_options(read({})).lease, EngineOptions().lease);
  EXPECT_EQ(engine_options(read({})).heartbeat, EngineOptions().heartbeat);
  const EngineOptions engine = engine_options(read({"--lease", "1s"}));
  EXPECT_EQ(engine.lease, std::chrono::seconds(1));
  EXPECT_EQ(engine.heartbeat, std::chrono::milliseconds(200));
  EXPECT_EQ(read({"--lease=10m"}).lease, std::chrono::minutes(10));
  EXPECT_EQ(engine_options(read({"--lease=10m"})).heartbeat, EngineOptions().heartbeat);
  EXPECT_THAT(usage_error({"--lease", "11m"}), HasSubstr("from 1s to 10m, not '11m'"));
  EXPECT_THAT(usage_error({"--lease", "0s"}), HasSubstr("--lease"));
}

TEST_F(OptionsTest, TakeTheCommandLineBeforeTheEnvironmentBeforeTheFile) {
  const std::string file =
      config("# shared\nstorage = sqlite:file.db\nworkers = 2\nprogress = plain\njson = true\n");
  ::setenv("FREIGHT_STORAGE", "sqlite:environment.db", 1);
  ::setenv("FREIGHT_WORKERS", "5", 1);
  const Options options = read({"--config", file, "--workers", "9", "job.json"});
  EXPECT_EQ(options.workers, 9U);
  EXPECT_EQ(options.storage, "sqlite:environment.db");
  EXPECT_EQ(options.progress, ProgressStyle::plain);
  EXPECT_TRUE(options.json);
}

TEST_F(OptionsTest, FindTheFileThroughTheEnvironment) {
  ::setenv("FREIGHT_CONFIG", config("workers = 4\n").c_str(), 1);
  ::setenv("FREIGHT_JSON", "1", 1);
  const Options options = read({"job.json"});
  EXPECT_EQ(options.workers, 4U);
  EXPECT_TRUE(options.json);
}

TEST_F(OptionsTest, PassOverEmptyAndForeignVariables) {
  ::setenv("FREIGHT_STORAGE", "", 1);
  ::setenv("FREIGHT_FAULT", "before_commit", 1);
  EXPECT_EQ(read({"job.json"}).storage, "sqlite:freight.db");
}

TEST_F(OptionsTest, LetAFileServeEveryCommandButNameOnlyWhatThereIs) {
  const std::string good = config("workers = 4\nstorage = sqlite:file.db\n");
  EXPECT_EQ(read({"--config", good, "status"}, OptionSet::storage).storage, "sqlite:file.db");
  EXPECT_THAT(usage_error({"--config", config("wokers = 4\n"), "job.json"}), HasSubstr("wokers"));
  EXPECT_THAT(usage_error({"--config", "/no/such/file", "job.json"}), HasSubstr("/no/such/file"));
}

TEST_F(OptionsTest, RefuseWhatIsNotTheirs) {
  EXPECT_THAT(usage_error({"--wat"}), HasSubstr("--wat"));
  EXPECT_THAT(usage_error({"--work", "3"}), HasSubstr("--work"));
  EXPECT_THAT(usage_error({"--new"}, OptionSet::validate), HasSubstr("--new"));
  EXPECT_THAT(usage_error({"--storage"}), HasSubstr("--storage"));
  EXPECT_THAT(usage_error({"--storage", "a", "--storage", "b"}), HasSubstr("--storage"));
}

TEST_F(OptionsTest, RefuseValuesOutOfRange) {
  for (const auto* number : {"-1", "0", "1025", "x", "3x", "", " 3", "99999999999999999999"}) {
    EXPECT_THAT(usage_error({std::string("--workers=") + number}), HasSubstr("--workers"))
        << number;
  }
  EXPECT_THAT(usage_error({"--limit=-1"}), HasSubstr("--limit"));
  EXPECT_THAT(usage_error({"--progress", "fancy"}), HasSubstr("fancy"));
  EXPECT_THAT(usage_error({"--set", "source/path=x"}), HasSubstr("POINTER=VALUE"));
  EXPECT_THAT(usage_error({"--set", "/source/path"}), HasSubstr("POINTER=VALUE"));
}

TEST_F(OptionsTest, AreDescribedEach) {
  const std::string text = describe_options(OptionSet::run);
  for (const auto* name : {"--storage", "--workers", "--progress", "--report", "--rejects",
                           "--json", "--new", "--limit", "--set", "--config", "--help"}) {
    EXPECT_THAT(text, HasSubstr(name));
  }
}

}  // namespace
}  // namespace freight::daemon
