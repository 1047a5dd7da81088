#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "connectors/file/input_file.hpp"
#include "connectors/file/spool/byte_stream.hpp"
#include "connectors/file/spool/descriptor_stream.hpp"
#include "freight/connector_context.hpp"
#include "freight/connector_spec.hpp"

namespace freight::spool {

/// As a path: standard input.
inline constexpr const char* standard_input = "-";

/// Opens the files of sources, and lays out as a file of its own what cannot be read at any place:
/// text that is compressed, and standard input. Such a file has no name: it goes with the last who
/// reads it, whatever becomes of the process. Whoever opens the same compressed file meanwhile
/// reads the same text; standard input is read once and kept for the process. Thread-safe.
class Spool {
 public:
  /// Texts are laid out in `folder`; empty: the system's folder for large temporary files.
  /// `allow` is asked of each file before it is opened, and throws to refuse.
  explicit Spool(std::filesystem::path folder,
                 std::function<void(const std::filesystem::path&)> allow = {});

  /// The file, or the text of what is packed in it. Says how far it is while that takes longer, at
  /// `context.log`. Throws what InputFile throws; source_unreadable for what is damaged, cut off,
  /// or expands to so much that it looks like an attack; and storage_full.
  std::shared_ptr<const file::InputFile> open(const std::filesystem::path& path,
                                              Compression compression,
                                              const ConnectorContext& context);

  /// The same of a file in `encoding`: of UTF-16 its text in UTF-8. Throws source_unreadable also
  /// for a mark of the other order.
  std::shared_ptr<const file::InputFile> open_text(const std::filesystem::path& path,
                                                   Compression compression, Encoding encoding,
                                                   const ConnectorContext& context);

  struct Beginning {
    std::shared_ptr<const file::InputFile> file;
    /// It is all that there is.
    bool whole = true;
    /// How the file is packed.
    Compression compression = Compression::none;
  };
  /// A file that is not packed, or standard input, as a whole; of the text of what is packed the
  /// first `most_bytes` at most, up to the end of a line.
  Beginning open_beginning(const std::filesystem::path& path, std::uint64_t most_bytes);
  /// Of UTF-16 the text in UTF-8, so far.
  Beginning in_utf8(Beginning beginning, Encoding encoding, std::uint64_t most_bytes);

  /// Lays out a text that is known to be of `size` bytes; `name` is what messages call it.
  file::Descriptor keep(ByteStream& text, const std::filesystem::path& name, std::uint64_t size);

 private:
  struct Unpacked {
    std::mutex mutex;
    std::weak_ptr<const file::InputFile> text;
  };

  std::shared_ptr<const file::InputFile> read_standard_input(Compression compression,
                                                             const ConnectorContext& context);
  std::shared_ptr<Unpacked> unpacked(const std::string& revision);

  const std::filesystem::path folder_;
  const std::function<void(const std::filesystem::path&)> allow_;
  std::mutex mutex_;
  // By the packed file's revision.
  std::map<std::string, std::shared_ptr<Unpacked>> unpacked_;
};

}  // namespace freight::spool
