#include "first_keys.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "console.hpp"
#include "freight/error.hpp"
#include "tenant_storage.hpp"

namespace freight::daemon {
namespace {

/// A new file: one that was there before may be open elsewhere, or readable to others.
void write_secret_file(const std::filesystem::path& path, const std::string& text) {
  const auto fresh = path.string() + ".new";
  ::unlink(fresh.c_str());
  const int file = ::open(fresh.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  const bool written =
      file >= 0 && ::write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  const int reason = errno;
  if (file >= 0) ::close(file);
  if (!written || ::rename(fresh.c_str(), path.c_str()) != 0) {
    ::unlink(fresh.c_str());
    throw Error(Code::output_failed,
                "cannot write the keys to '" + path.string() +
                    "': " + std::generic_category().message(reason),
                {.hint = "name another file with --admin-key-file"});
  }
}

}  // namespace

std::filesystem::path folder_of(const std::string& storage_url) {
  constexpr std::string_view scheme = "sqlite:";
  if (!storage_url.starts_with(scheme)) return ".";
  const auto folder = std::filesystem::path(storage_url.substr(scheme.size())).parent_path();
  return folder.empty() ? "." : folder;
}

void make_first_keys(Storage& storage, const Options& options) {
  TenantStore& tenants = storage.tenants();
  if (!tenants.list_keys(std::nullopt).empty()) return;
  const bool to_terminal = !options.server.admin_key_file && ::isatty(STDOUT_FILENO) == 1;
  const auto file =
      options.server.admin_key_file.value_or(folder_of(options.storage) / "admin.key");
  const Tenant tenant = tenants.find_or_create(default_tenant_name);
  const auto admin = tenants.create_key({.tenant_id = std::nullopt});
  try {
    const auto own = tenants.create_key({.tenant_id = tenant.id});
    if (to_terminal) {
      print("admin key:                " + admin.secret + "\nkey of tenant 'default':  " +
            own.secret + "\nThey are not shown again; 'freightd key create' makes others.\n");
      return;
    }
    write_secret_file(file, admin.secret + "\n" + own.secret + "\n");
  } catch (const Error&) {
    // A key that nobody has seen would keep the next start from making one.
    tenants.revoke_key(admin.key.id);
    throw;
  }
  say("the admin key and the key of the tenant 'default' are in " + file.string());
}

}  // namespace freight::daemon
