// Somebody else's storage under Freight's suite: a backend of their own registry that keeps all in
// a file of SQLite.

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

#include <freight/storage.hpp>
#include <freight/testing/storage_suite.hpp>

namespace {

freight::StorageRegistry storages() {
  auto registry = freight::default_storages();
  registry.add("team", [](std::string_view url, const freight::StorageOptions& options) {
    constexpr std::string_view scheme = "team:";
    return freight::open_storage("sqlite:" + std::string(url.substr(scheme.size())), options);
  });
  return registry;
}

class TeamTarget final : public freight::testing::StorageTarget {
 public:
  TeamTarget() {
    std::string pattern = (std::filesystem::temp_directory_path() / "consumer-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("no folder: " + pattern);
    folder_ = pattern;
  }
  TeamTarget(const TeamTarget&) = delete;
  TeamTarget& operator=(const TeamTarget&) = delete;
  ~TeamTarget() override { std::filesystem::remove_all(folder_); }

  std::unique_ptr<freight::Storage> open() override {
    return storages().open("team:" + (folder_ / "jobs.db").string());
  }

 private:
  std::filesystem::path folder_;
};

}  // namespace

namespace freight::testing {
FREIGHT_INSTANTIATE_STORAGE_SUITE(Mine,
                                  StorageCase{.name = "Team",
                                              .make = [] { return std::make_unique<TeamTarget>(); },
                                              .notices_death = true});
}  // namespace freight::testing
