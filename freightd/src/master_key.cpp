#include "master_key.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <sstream>
#include <system_error>

#include <openssl/evp.h>
#include <openssl/rand.h>

#include "digest.hpp"
#include "freight/error.hpp"
#include "rest/text.hpp"

namespace freight::daemon {
namespace {

using rest::hex_text;
using rest::text_of_hex;

constexpr std::size_t key_size = 32;
constexpr int nonce_size = 12;
constexpr int tag_size = 16;
constexpr std::size_t id_size = 8;
constexpr std::string_view version = "v1:";

using Cipher = std::unique_ptr<EVP_CIPHER_CTX, void (*)(EVP_CIPHER_CTX*)>;

Cipher make_cipher() { return {EVP_CIPHER_CTX_new(), EVP_CIPHER_CTX_free}; }

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}
unsigned char* bytes_of(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

[[noreturn]] void cannot_open() {
  throw Error(Code::missing_secret,
              "the secret was sealed with a master key that this server does not have",
              {.hint = "start it with the key that sealed it, or set the secret again"});
}

std::string random_bytes(std::size_t size) {
  std::string bytes(size, '\0');
  if (RAND_bytes(bytes_of(bytes), static_cast<int>(size)) != 1)
    throw Error(Code::internal, "the operating system gives no random bytes");
  return bytes;
}

std::string read_file(const std::filesystem::path& file) {
  std::ifstream in(file);
  std::ostringstream text;
  text << in.rdbuf();
  if (!in) throw Error(Code::usage, "cannot read the master key file '" + file.string() + "'");
  return text.str();
}

void make_file(const std::filesystem::path& file) {
  const int made = ::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (made < 0) {
    // Another process was first.
    if (errno == EEXIST) return;
    throw Error(Code::usage, "cannot make the master key file '" + file.string() +
                                 "': " + std::generic_category().message(errno));
  }
  const std::string line = hex_text(random_bytes(key_size)) + "\n";
  const bool written = ::write(made, line.data(), line.size()) == static_cast<ssize_t>(line.size());
  ::close(made);
  if (!written)
    throw Error(Code::usage, "cannot write the master key file '" + file.string() + "'");
}

}  // namespace

MasterKey MasterKey::parse(std::string_view text) {
  MasterKey master;
  std::istringstream lines{std::string(text)};
  std::string line;
  while (std::getline(lines, line)) {
    line.erase(line.find_last_not_of(" \t\r") + 1);
    if (line.empty() || line.starts_with('#')) continue;
    const auto bytes = text_of_hex(line);
    if (!bytes || bytes->size() != key_size) {
      throw Error(Code::usage, "a master key has 64 hex digits (in lower case), one key a line",
                  {.hint = "make one with: openssl rand -hex 32"});
    }
    master.keys_.push_back({.id = hex_text(sha256(*bytes)).substr(0, id_size), .bytes = *bytes});
  }
  if (master.keys_.empty()) throw Error(Code::usage, "there is no master key in it");
  return master;
}

MasterKey MasterKey::find(const std::optional<std::filesystem::path>& file,
                          const std::filesystem::path& default_file) {
  if (const char* const given = std::getenv("FREIGHT_MASTER_KEY"); given != nullptr && *given != 0)
    return parse(given);
  if (file) return parse(read_file(*file));
  if (!std::filesystem::exists(default_file)) make_file(default_file);
  return parse(read_file(default_file));
}

std::string MasterKey::seal(std::string_view secret, std::string_view context) const {
  const Key& key = keys_.front();
  const std::string nonce = random_bytes(nonce_size);
  std::string sealed(secret.size(), '\0');
  std::string tag(tag_size, '\0');
  const Cipher cipher = make_cipher();
  int size = 0;
  const bool done =
      EVP_EncryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, bytes_of(key.bytes),
                         bytes_of(nonce)) == 1 &&
      EVP_EncryptUpdate(cipher.get(), nullptr, &size, bytes_of(context),
                        static_cast<int>(context.size())) == 1 &&
      EVP_EncryptUpdate(cipher.get(), bytes_of(sealed), &size, bytes_of(secret),
                        static_cast<int>(secret.size())) == 1 &&
      EVP_EncryptFinal_ex(cipher.get(), bytes_of(sealed) + size, &size) == 1 &&
      EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_GET_TAG, tag_size, tag.data()) == 1;
  if (!done) throw Error(Code::internal, "OpenSSL cannot seal a secret");
  return std::string(version) + key.id + ":" + hex_text(nonce + tag + sealed);
}

std::string MasterKey::open(std::string_view sealed, std::string_view context) const {
  if (!sealed.starts_with(version) || sealed.size() < version.size() + id_size + 1) cannot_open();
  const auto id = sealed.substr(version.size(), id_size);
  const auto found =
      std::find_if(keys_.begin(), keys_.end(), [&](const Key& key) { return key.id == id; });
  auto bytes = text_of_hex(sealed.substr(version.size() + id_size + 1));
  if (found == keys_.end() || !bytes || bytes->size() < nonce_size + tag_size) cannot_open();
  std::string tag = bytes->substr(nonce_size, tag_size);
  const std::string body = bytes->substr(nonce_size + tag_size);
  std::string secret(body.size(), '\0');
  const Cipher cipher = make_cipher();
  int size = 0;
  const bool done =
      EVP_DecryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, bytes_of(found->bytes),
                         bytes_of(*bytes)) == 1 &&
      EVP_DecryptUpdate(cipher.get(), nullptr, &size, bytes_of(context),
                        static_cast<int>(context.size())) == 1 &&
      EVP_DecryptUpdate(cipher.get(), bytes_of(secret), &size, bytes_of(body),
                        static_cast<int>(body.size())) == 1 &&
      EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_SET_TAG, tag_size, tag.data()) == 1 &&
      EVP_DecryptFinal_ex(cipher.get(), bytes_of(secret) + size, &size) == 1;
  if (!done) cannot_open();
  return secret;
}

bool MasterKey::is_current(std::string_view sealed) const {
  return sealed.starts_with(std::string(version) + keys_.front().id + ":");
}

}  // namespace freight::daemon
