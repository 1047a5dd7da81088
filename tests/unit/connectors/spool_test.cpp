#include "connectors/file/spool/spool.hpp"

#include <zip.h>
#include <zlib.h>
#include <zstd.h>

#include <filesystem>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "freight/error.hpp"
#include "support/file_writing.hpp"
#include "support/temporary_folder.hpp"

namespace freight::spool {
namespace {

std::string gzip(const std::string& text) {
  z_stream stream{};
  EXPECT_EQ(
      deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY),
      Z_OK);
  std::string packed(deflateBound(&stream, text.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  return packed;
}

std::string zstd(const std::string& text) {
  std::string packed(ZSTD_compressBound(text.size()), '\0');
  auto* const context = ZSTD_createCCtx();
  ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1);
  packed.resize(ZSTD_compress2(context, packed.data(), packed.size(), text.data(), text.size()));
  ZSTD_freeCCtx(context);
  return packed;
}

using Members = std::vector<std::pair<std::string, std::string>>;

void write_zip(const std::filesystem::path& path, const Members& members) {
  auto* const archive = zip_open(path.c_str(), ZIP_CREATE | ZIP_TRUNCATE, nullptr);
  for (const auto& [name, text] : members) {
    auto* const source = zip_source_buffer(archive, text.data(), text.size(), 0);
    EXPECT_GE(zip_file_add(archive, name.c_str(), source, ZIP_FL_ENC_UTF_8), 0);
  }
  EXPECT_EQ(zip_close(archive), 0);
}

/// Of words that do not repeat soon.
std::string long_text(std::size_t lines) {
  std::string text;
  std::uint32_t state = 7;
  for (std::size_t line = 0; line < lines; ++line) {
    state = state * 1'664'525 + 1'013'904'223;
    text += std::to_string(line) + "," + std::to_string(state) + "\n";
  }
  return text;
}

std::string text_of(const file::InputFile& file) {
  std::string text(file.size(), '\0');
  file.read(0, text);
  return text;
}

class SpoolTest : public ::testing::Test {
 protected:
  std::filesystem::path put(const std::string& bytes) const {
    testing::write_file(folder_ / "input", bytes);
    return folder_ / "input";
  }
  std::shared_ptr<const file::InputFile> open(const std::string& bytes,
                                              Compression compression = Compression::automatic) {
    return spool_.open(put(bytes), compression, {});
  }
  Failure failure(const std::filesystem::path& path,
                  Compression compression = Compression::automatic) {
    try {
      spool_.open(path, compression, {});
    } catch (const Error& error) {
      return failure_of(error);
    }
    ADD_FAILURE() << "nothing was thrown";
    return {};
  }
  Failure failure_with(const std::string& bytes, Compression compression = Compression::automatic) {
    return failure(put(bytes), compression);
  }

  testing::TemporaryFolder folder_;
  Spool spool_{folder_.path()};
};

TEST_F(SpoolTest, GivesWhatIsNotPackedAsItIs) {
  for (const std::string text : {"", "a", "id,name\n1,Ann\n", "BZh,name\n", "PK,name\n"}) {
    EXPECT_EQ(text_of(*open(text)), text);
  }
}

TEST_F(SpoolTest, UnpacksGzipWithAllItsMembers) {
  const std::string text = long_text(200'000);
  EXPECT_EQ(text_of(*open(gzip(text))), text);
  EXPECT_EQ(text_of(*open(gzip("a,b\n") + gzip("") + gzip("1,2\n"))), "a,b\n1,2\n");
  EXPECT_EQ(text_of(*open(gzip("a,b\n") + std::string(1000, '\0'))), "a,b\n");
  EXPECT_EQ(text_of(*open(gzip(""))), "");
}

TEST_F(SpoolTest, UnpacksZstdWithAllItsFrames) {
  const std::string text = long_text(200'000);
  EXPECT_EQ(text_of(*open(zstd(text))), text);
  EXPECT_EQ(text_of(*open(zstd("a,b\n") + zstd("") + zstd("1,2\n"))), "a,b\n1,2\n");
}

TEST_F(SpoolTest, UnpacksTheOnlyFileOfAZipArchive) {
  const auto path = folder_ / "input.zip";
  const std::string text = long_text(50'000);
  write_zip(path, {{"__MACOSX/._people.csv", "of no use"}, {"in/people.csv", text}});
  EXPECT_EQ(text_of(*spool_.open(path, Compression::automatic, {})), text);
}

TEST_F(SpoolTest, RefusesZipArchivesWithoutOneFile) {
  const auto path = folder_ / "input.zip";
  write_zip(path, {{"a.csv", "a"}, {"b.csv", "b"}});
  EXPECT_NE(failure(path).message.find("2 files: a.csv, b.csv"), std::string::npos);
  write_zip(path, {{"__MACOSX/._a.csv", "a"}});
  EXPECT_NE(failure(path).message.find("without a file"), std::string::npos);
  write_zip(path, {{"[Content_Types].xml", "a"}, {"xl/workbook.xml", "b"}});
  EXPECT_NE(failure(path).message.find("spreadsheet"), std::string::npos);
}

TEST_F(SpoolTest, RefusesWhatIsCutOffAnywhere) {
  for (const std::string& packed : {gzip(long_text(100)), zstd(long_text(100))}) {
    for (std::size_t size = 9; size < packed.size(); size += 7) {
      const Failure cut = failure_with(packed.substr(0, size));
      EXPECT_EQ(cut.code, Code::source_unreadable);
      EXPECT_NE(cut.message.find("in the middle"), std::string::npos) << size << cut.message;
    }
  }
}

TEST_F(SpoolTest, NeverGivesATextThatIsNotTheOneThatWasPacked) {
  const std::string text = long_text(100);
  for (const std::string& packed : {gzip(text), zstd(text)}) {
    for (std::size_t place = 10; place < packed.size(); ++place) {
      std::string damaged = packed;
      damaged[place] = static_cast<char>(damaged[place] ^ 0x10);
      try {
        EXPECT_EQ(text_of(*open(damaged)), text) << place;
      } catch (const Error& error) {
        EXPECT_EQ(error.code(), Code::source_unreadable) << error.what();
      }
    }
  }
}

TEST_F(SpoolTest, RefusesWhatFollowsGzipDataAndIsNone) {
  EXPECT_NE(failure_with(gzip("a,b\n") + "1,2\n").message.find("no gzip data behind the 4 bytes"),
            std::string::npos);
}

TEST_F(SpoolTest, MindsWhatTheJobSaysOfTheCompression) {
  EXPECT_EQ(text_of(*open(gzip("a"), Compression::gzip)), "a");
  EXPECT_EQ(text_of(*open(gzip("a"), Compression::none)), gzip("a"));
  EXPECT_NE(failure_with("a,b\n", Compression::gzip).message.find("not compressed"),
            std::string::npos);
  EXPECT_NE(failure_with(gzip("a"), Compression::zstd).message.find("with gzip, but"),
            std::string::npos);
  const Failure bzip2 = failure_with("BZh91AY&SY");
  EXPECT_NE(bzip2.details.hint.find("bunzip2"), std::string::npos);
}

TEST_F(SpoolTest, RefusesATextThatIsMuchTooLargeForWhatItWasPackedIn) {
  const Failure bomb = failure_with(gzip(std::string(300'000'000, '0')));
  EXPECT_EQ(bomb.code, Code::source_unreadable);
  EXPECT_NE(bomb.message.find("more than 200 times"), std::string::npos) << bomb.message;
}

TEST_F(SpoolTest, LeavesNoFileBehindAndUnpacksOnceForAllWhoRead) {
  const auto path = put(gzip("a,b\n"));
  const auto first = spool_.open(path, Compression::automatic, {});
  EXPECT_EQ(spool_.open(path, Compression::automatic, {}), first);
  const std::filesystem::directory_iterator files(folder_.path());
  EXPECT_EQ(std::distance(begin(files), end(files)), 1);
}

TEST_F(SpoolTest, AFileThatChangedIsUnpackedAnew) {
  const auto before = open(gzip("a"));
  EXPECT_EQ(text_of(*open(gzip("bb"))), "bb");
  EXPECT_EQ(text_of(*before), "a");
}

TEST_F(SpoolTest, SaysWhereATextCannotBeLaidOut) {
  Spool nowhere(folder_ / "none");
  try {
    nowhere.open(put(gzip("a")), Compression::automatic, {});
    FAIL();
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("cannot be laid out in"), std::string::npos);
    EXPECT_NE(error.details().hint.find("--spool"), std::string::npos);
  }
}

TEST_F(SpoolTest, TheBeginningOfALongTextEndsWithALine) {
  const std::string text = long_text(100'000);
  const auto beginning = spool_.open_beginning(put(gzip(text)), 10'000);
  EXPECT_FALSE(beginning.whole);
  const std::string seen = text_of(*beginning.file);
  EXPECT_LE(seen.size(), 10'000U);
  EXPECT_GT(seen.size(), 9'900U);
  EXPECT_EQ(seen, text.substr(0, seen.size()));
  EXPECT_EQ(seen.back(), '\n');
  EXPECT_TRUE(spool_.open_beginning(put(gzip("a\nb")), 3).whole);
}

}  // namespace
}  // namespace freight::spool
