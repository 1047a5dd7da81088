#include <filesystem>
#include <string>

#include <gtest/gtest.h>

#include "freight/error.hpp"
#include "master_key.hpp"
#include "reach.hpp"
#include "support/temporary_folder.hpp"

namespace freight::daemon {
namespace {

const std::string one_key(64, '1');
const std::string other_key(64, '2');

TEST(MasterKeys, OpenWhatTheySealedInItsContextAndNothingElse) {
  const auto master = MasterKey::parse(one_key + "\n");
  const std::string sealed = master.seal("hush", "tenant/crm");
  EXPECT_EQ(sealed.find("hush"), std::string::npos);
  EXPECT_NE(sealed, master.seal("hush", "tenant/crm"));
  EXPECT_EQ(master.open(sealed, "tenant/crm"), "hush");
  EXPECT_EQ(master.open(master.seal("", "c"), "c"), "");
  EXPECT_THROW(master.open(sealed, "tenant/other"), Error);
  EXPECT_THROW(MasterKey::parse(other_key).open(sealed, "tenant/crm"), Error);
  for (std::size_t at = 0; at < sealed.size(); at += 7) {
    std::string changed = sealed;
    changed[at] = changed[at] == 'a' ? 'b' : 'a';
    EXPECT_THROW(master.open(changed, "tenant/crm"), Error) << at;
  }
  EXPECT_THROW(master.open("", "c"), Error);
}

TEST(MasterKeys, TheFirstSealsAndAllOpen) {
  const std::string old = MasterKey::parse(one_key).seal("hush", "c");
  const auto both = MasterKey::parse("# new first\n" + other_key + "\n" + one_key + "\n");
  EXPECT_EQ(both.open(old, "c"), "hush");
  EXPECT_FALSE(both.is_current(old));
  EXPECT_TRUE(both.is_current(both.seal("hush", "c")));
}

TEST(MasterKeys, AreRefusedWhenTheyAreNone) {
  for (const char* const text : {"", "abc", "# only a comment"})
    EXPECT_THROW(MasterKey::parse(text), Error) << text;
  EXPECT_THROW(MasterKey::parse(std::string(64, 'g')), Error);
}

TEST(MasterKeys, AreMadeOnceForTheUserAlone) {
  const testing::TemporaryFolder folder;
  const auto file = folder.path() / "master.key";
  const auto made = MasterKey::find(std::nullopt, file);
  EXPECT_EQ(std::filesystem::status(file).permissions(),
            std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  EXPECT_EQ(MasterKey::find(std::nullopt, file).open(made.seal("s", "c"), "c"), "s");
}

TEST(PublicAddresses, AreThoseThatTheWholeInternetReaches) {
  for (const char* const address : {"8.8.8.8", "1.1.1.1", "172.15.255.255", "172.32.0.1",
                                    "2606:4700:4700::1111", "::ffff:8.8.8.8"})
    EXPECT_TRUE(is_public_address(address)) << address;
  for (const char* const address : {"0.0.0.0",
                                    "10.0.0.1",
                                    "100.64.0.1",
                                    "127.0.0.1",
                                    "127.255.255.255",
                                    "169.254.169.254",
                                    "172.16.0.1",
                                    "172.31.255.255",
                                    "192.0.0.1",
                                    "192.0.2.1",
                                    "192.168.255.255",
                                    "198.18.0.1",
                                    "203.0.113.9",
                                    "224.0.0.1",
                                    "255.255.255.255",
                                    "::",
                                    "::1",
                                    "fc00::1",
                                    "fe80::1",
                                    "ff02::1",
                                    "2001:db8::1",
                                    "2001::1",
                                    "2002:7f00:1::",
                                    "64:ff9b::7f00:1",
                                    "::ffff:10.0.0.1",
                                    "::127.0.0.1",
                                    "not an address"})
    EXPECT_FALSE(is_public_address(address)) << address;
}

bool allows(const Reach& reach, const std::filesystem::path& path) {
  try {
    reach.check_path(path);
    return true;
  } catch (const NotAllowed&) {
    return false;
  }
}

TEST(Reach, AllowsFilesOfNamedFoldersBehindAllTheirLinks) {
  const testing::TemporaryFolder folder;
  const auto inside = folder.path() / "inside";
  std::filesystem::create_directory(inside);
  std::filesystem::create_directory(folder.path() / "inside-not");
  std::filesystem::create_directory_symlink(folder.path(), inside / "out");
  const Reach reach({inside}, {});
  EXPECT_TRUE(allows(reach, inside / "new.csv"));
  EXPECT_TRUE(allows(reach, inside / "deep" / "new.csv"));
  EXPECT_FALSE(allows(reach, inside / ".." / "x.csv"));
  EXPECT_FALSE(allows(reach, inside / "out" / "x.csv"));
  EXPECT_FALSE(allows(reach, folder.path() / "inside-not" / "x.csv"));
  EXPECT_FALSE(allows(Reach({}, {}), inside / "x.csv"));
  EXPECT_THROW(Reach({folder.path() / "nowhere"}, {}), Error);
}

TEST(Reach, AllowsNamedHostsWhereverTheyAre) {
  const Reach reach({}, {"LocalHost"});
  EXPECT_NO_THROW(reach.check_named_host("localhost"));
  EXPECT_THROW(reach.check_named_host("elsewhere"), NotAllowed);
  EXPECT_NO_THROW(reach.check_literal("localhost"));
  EXPECT_THROW(reach.check_literal("127.0.0.1"), NotAllowed);
  EXPECT_FALSE(reach.checked_address("localhost").empty());
  EXPECT_THROW(Reach({}, {}).checked_address("127.0.0.1"), NotAllowed);
  EXPECT_THROW(Reach({}, {}).checked_address("no-such-host.invalid"), Error);
}

}  // namespace
}  // namespace freight::daemon
