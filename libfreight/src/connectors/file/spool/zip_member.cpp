#include "connectors/file/spool/zip_member.hpp"

#include <unistd.h>
#include <zip.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "connectors/file/spool/packing.hpp"

namespace freight::spool {
namespace {

constexpr std::size_t most_named = 3;

/// An archive may hold millions of members; all that matters is whether there are two.
constexpr zip_int64_t most_looked_at = 10'000;

std::string text_of(int code) {
  zip_error_t error;
  zip_error_init_with_code(&error, code);
  std::string text = zip_error_strerror(&error);
  zip_error_fini(&error);
  return text;
}

/// The places of the files in it.
std::vector<zip_uint64_t> files_of(zip_t* archive, const std::filesystem::path& name) {
  std::vector<zip_uint64_t> files;
  const zip_int64_t count = std::min(zip_get_num_entries(archive, 0), most_looked_at);
  for (zip_uint64_t index = 0; index < static_cast<zip_uint64_t>(count); ++index) {
    const char* const written = zip_get_name(archive, index, ZIP_FL_ENC_RAW);
    const std::string_view member = written == nullptr ? "" : written;
    if (member == "[Content_Types].xml") {
      throw unpacking_error(name, "is an office document, such as a spreadsheet (.xlsx)",
                            "Save it as CSV.");
    }
    if (!member.ends_with('/') && !member.starts_with("__MACOSX/")) files.push_back(index);
  }
  return files;
}

zip_uint64_t only_file_of(zip_t* archive, const std::filesystem::path& name) {
  const std::vector<zip_uint64_t> files = files_of(archive, name);
  if (files.size() == 1) return files.front();
  if (files.empty()) {
    throw unpacking_error(name, "is a ZIP archive without a file in it", "Put the file into it.");
  }
  std::string names;
  for (std::size_t index = 0; index < files.size() && index < most_named; ++index) {
    const char* const member = zip_get_name(archive, files[index], ZIP_FL_ENC_GUESS);
    names += (names.empty() ? "" : ", ") + std::string(member == nullptr ? "?" : member);
  }
  throw unpacking_error(name,
                        "is a ZIP archive with " + std::to_string(files.size()) +
                            " files: " + names + (files.size() > most_named ? ", …" : ""),
                        "Take the one that is meant out of it, with `unzip`.");
}

}  // namespace

void ZipMember::Close::operator()(zip* archive) const { zip_discard(archive); }
void ZipMember::Close::operator()(zip_file* member) const { zip_fclose(member); }

ZipMember::ZipMember(file::Descriptor archive, std::filesystem::path name)
    : name_(std::move(name)) {
  // libzip closes the number that it is given, but not when it fails.
  const int number = ::dup(archive.number());
  int failure = 0;
  archive_.reset(zip_fdopen(number, 0, &failure));
  if (!archive_) {
    ::close(number);
    throw unpacking_error(name_, "is no whole ZIP archive: " + text_of(failure), "Fetch it again.");
  }
  const zip_uint64_t place = only_file_of(archive_.get(), name_);
  member_.reset(zip_fopen_index(archive_.get(), place, 0));
  if (!member_) {
    const int code = zip_error_code_zip(zip_get_error(archive_.get()));
    throw unpacking_error(name_,
                          code == ZIP_ER_NOPASSWD || code == ZIP_ER_ENCRNOTSUPP
                              ? "is a ZIP archive whose file is encrypted"
                              : "is a ZIP archive that cannot be unpacked: " + text_of(code),
                          "Take the file out of it, with `unzip`.");
  }
}

std::size_t ZipMember::read(std::span<char> bytes) {
  const zip_int64_t size = zip_fread(member_.get(), bytes.data(), bytes.size());
  if (size >= 0) return static_cast<std::size_t>(size);
  throw unpacking_error(
      name_, std::string("is damaged: ") + zip_error_strerror(zip_file_get_error(member_.get())),
      "Fetch it again.");
}

}  // namespace freight::spool
