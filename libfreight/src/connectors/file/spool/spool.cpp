#include "connectors/file/spool/spool.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <system_error>
#include <utility>

#include "connectors/file/spool/gzip_stream.hpp"
#include "connectors/file/spool/packing.hpp"
#include "connectors/file/spool/text_file.hpp"
#include "connectors/file/spool/utf16_stream.hpp"
#include "connectors/file/spool/zip_member.hpp"
#include "connectors/file/spool/zstd_stream.hpp"
#include "connectors/file/text_encoding.hpp"
#include "freight/error.hpp"

namespace freight::spool {
namespace {

using file::InputFile;

const std::filesystem::path standard_input_name = "standard input";

std::filesystem::path folder_or_default(std::filesystem::path folder) {
  if (!folder.empty()) return folder;
  const char* const named = std::getenv("TMPDIR");
  if (named != nullptr && *named != '\0') return named;
  // Large files do not belong into /tmp, which may be memory.
  std::error_code failed;
  return std::filesystem::is_directory("/var/tmp", failed) ? "/var/tmp" : "/tmp";
}

std::string first_bytes_of(const InputFile& file) {
  std::string bytes(std::min<std::uint64_t>(file.size(), packing_bytes), '\0');
  file.read(0, bytes);
  return bytes;
}

std::string in_megabytes(std::uint64_t bytes) { return std::to_string(bytes / 1'000'000) + " MB"; }

/// What is packed, and what unpacks it.
class Text {
 public:
  Text(DescriptorStream& packed, Compression compression, const std::filesystem::path& name) {
    if (compression == Compression::gzip) {
      unpacking_ = std::make_unique<GzipStream>(packed, name);
    } else if (compression == Compression::zstd) {
      unpacking_ = std::make_unique<ZstdStream>(packed, name);
    }
    text_ = unpacking_ ? unpacking_.get() : static_cast<ByteStream*>(&packed);
  }

  ByteStream& stream() { return *text_; }

 private:
  std::unique_ptr<ByteStream> unpacking_;
  ByteStream* text_;
};

/// The text of a regular file that is packed so.
file::Descriptor unpack(const InputFile& packed, Compression compression, LayOut layout) {
  if (compression == Compression::zip) {
    ZipMember member(packed.again(), packed.path());
    layout.packed_bytes = [&] { return packed.size(); };
    return lay_out(member, layout);
  }
  DescriptorStream bytes(packed.path(), packed.again(), layout.stop);
  layout.packed_bytes = [&] { return bytes.bytes_read(); };
  if (layout.progress) {
    layout.progress = [&, say = layout.progress](std::uint64_t) { say(bytes.bytes_read()); };
  }
  Text text(bytes, compression, packed.path());
  return lay_out(text.stream(), layout);
}

/// The text of a UTF-16 file in UTF-8.
std::shared_ptr<const InputFile> convert(const std::shared_ptr<const InputFile>& original,
                                         Encoding encoding, LayOut layout) {
  const InputFile& units = *original;
  const bool is_big_endian = encoding == Encoding::utf_16be;
  std::string mark(std::min<std::uint64_t>(units.size(), 2), '\0');
  units.read(0, mark);
  if (mark == (is_big_endian ? "\xFF\xFE" : "\xFE\xFF")) {
    throw Error(Code::source_unreadable,
                "The source " + units.path().string() +
                    " begins with the mark of UTF-16 in the other order than source.encoding says",
                {.hint = std::string("Set \"encoding\": \"utf-16") + (is_big_endian ? "le" : "be") +
                         "\" in the source."});
  }
  DescriptorStream bytes(units.path(), units.again(), layout.stop);
  ::lseek(units.again().number(), 0, SEEK_SET);
  Utf16Stream text(bytes, is_big_endian);
  layout.packed_bytes = [&] { return bytes.bytes_read(); };
  file::Descriptor laid_out = lay_out(text, layout);
  return std::make_shared<const InputFile>(original, std::move(laid_out), text.take_places());
}

/// The same file cut behind the last line that ends within its first `most_bytes`.
std::shared_ptr<const InputFile> up_to_last_line(const InputFile& text, std::uint64_t most_bytes) {
  const std::uint64_t begin = most_bytes - std::min(most_bytes, std::uint64_t{1} << 20U);
  std::string tail(most_bytes - begin, '\0');
  text.read(begin, tail);
  const std::size_t end = tail.find_last_of("\r\n");
  const std::uint64_t kept = end == std::string::npos ? most_bytes : begin + end + 1;
  file::Descriptor same = text.again();
  if (::ftruncate(same.number(), static_cast<off_t>(kept)) != 0) {
    throw Error(Code::source_unavailable,
                "the beginning of " + text.path().string() + " cannot be cut at the end of a line");
  }
  return std::make_shared<const InputFile>(text.path(), std::move(same));
}

}  // namespace

Spool::Spool(std::filesystem::path folder, std::function<void(const std::filesystem::path&)> allow)
    : folder_(folder_or_default(std::move(folder))), allow_(std::move(allow)) {}

std::shared_ptr<const InputFile> Spool::open(const std::filesystem::path& path,
                                             Compression compression,
                                             const ConnectorContext& context) {
  if (path == standard_input) return read_standard_input(compression, context);
  if (allow_) allow_(path);
  auto file = std::make_shared<const InputFile>(path);
  const Compression packed = compression_of(first_bytes_of(*file), compression, path);
  if (packed == Compression::none) return file;
  const auto known = unpacked(file->revision());
  const std::lock_guard lock(known->mutex);
  if (auto text = known->text.lock()) return text;
  LayOut layout{.name = path, .folder = folder_, .stop = context.stop};
  layout.progress = [&](std::uint64_t packed_bytes) {
    context.log->log(LogLevel::info,
                     "unpacking " + path.string() + ": " + in_megabytes(packed_bytes) + " of " +
                         in_megabytes(file->size()),
                     {});
  };
  auto text = std::make_shared<const InputFile>(path, unpack(*file, packed, std::move(layout)));
  file->check_size();
  known->text = text;
  return text;
}

std::shared_ptr<const InputFile> Spool::open_text(const std::filesystem::path& path,
                                                  Compression compression, Encoding encoding,
                                                  const ConnectorContext& context) {
  auto file = open(path, compression, context);
  if (file::text_encoding(encoding) == encoding) return file;
  const auto known = unpacked(file->revision() + std::string(file::name_of(encoding)));
  const std::lock_guard lock(known->mutex);
  if (auto text = known->text.lock()) return text;
  auto text = convert(file, encoding, {.name = path, .folder = folder_, .stop = context.stop});
  file->check_size();
  known->text = text;
  return text;
}

Spool::Beginning Spool::in_utf8(Beginning beginning, Encoding encoding, std::uint64_t most_bytes) {
  beginning.file =
      convert(beginning.file, encoding,
              {.name = beginning.file->path(), .folder = folder_, .most_bytes = most_bytes + 1});
  if (beginning.file->size() > most_bytes) {
    beginning.whole = false;
    beginning.file = up_to_last_line(*beginning.file, most_bytes);
  }
  return beginning;
}

Spool::Beginning Spool::open_beginning(const std::filesystem::path& path,
                                       std::uint64_t most_bytes) {
  if (path == standard_input) return {read_standard_input(Compression::automatic, {})};
  const auto file = std::make_shared<const InputFile>(path);
  const Compression packed = compression_of(first_bytes_of(*file), Compression::automatic, path);
  if (packed == Compression::none) return {file};
  auto text = std::make_shared<const InputFile>(
      path, unpack(*file, packed, {.name = path, .folder = folder_, .most_bytes = most_bytes + 1}));
  const bool whole = text->size() <= most_bytes;
  if (!whole) text = up_to_last_line(*text, most_bytes);
  return {text, whole, packed};
}

file::Descriptor Spool::keep(ByteStream& text, const std::filesystem::path& name,
                             std::uint64_t size) {
  return lay_out(text, {.name = name, .folder = folder_, .packed_bytes = [size] { return size; }});
}

std::shared_ptr<const InputFile> Spool::read_standard_input(Compression compression,
                                                            const ConnectorContext& context) {
  // There is one, and it can be read once.
  static std::mutex mutex;
  static std::shared_ptr<const InputFile> text;
  const std::lock_guard lock(mutex);
  if (text) return text;
  if (::isatty(STDIN_FILENO) != 0) {
    throw Error(Code::source_unreadable, "standard input is a terminal: nothing is piped into it",
                {.hint = "As in `zcat people.csv.gz | freightd run job.json`."});
  }
  DescriptorStream bytes(standard_input_name, file::Descriptor(::dup(STDIN_FILENO)), context.stop);
  const Compression packed =
      compression_of(bytes.peek(packing_bytes), compression, standard_input_name);
  LayOut layout{.name = standard_input_name, .folder = folder_, .stop = context.stop};
  layout.packed_bytes = [&] { return bytes.bytes_read(); };
  layout.progress = [&](std::uint64_t) {
    context.log->log(LogLevel::info, "reading standard input: " + in_megabytes(bytes.bytes_read()),
                     {});
  };
  Text unpacked(bytes, packed, standard_input_name);
  auto laid_out =
      std::make_shared<const InputFile>(standard_input_name, lay_out(unpacked.stream(), layout));
  if (packed == Compression::zip) {
    // Its table of contents is at its end.
    laid_out = std::make_shared<const InputFile>(
        standard_input_name,
        unpack(*laid_out, packed,
               {.name = standard_input_name, .folder = folder_, .stop = context.stop}));
  }
  text = laid_out;
  return text;
}

std::shared_ptr<Spool::Unpacked> Spool::unpacked(const std::string& revision) {
  const std::lock_guard lock(mutex_);
  std::erase_if(unpacked_, [](const auto& known) {
    return known.second.use_count() == 1 && known.second->text.expired();
  });
  auto& known = unpacked_[revision];
  if (!known) known = std::make_shared<Unpacked>();
  return known;
}

}  // namespace freight::spool
