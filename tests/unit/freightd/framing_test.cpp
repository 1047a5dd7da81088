#include "http/framing.hpp"

#include <string>

#include <gtest/gtest.h>

namespace freight::daemon::http {
namespace {

constexpr const char* host = "Host: h\r\n";

FramedHead framed(const std::string& text) {
  const auto result = frame_head(text);
  if (!result || !std::holds_alternative<FramedHead>(*result)) {
    ADD_FAILURE() << "not framed: " << text;
    return {};
  }
  return std::get<FramedHead>(*result);
}

int refused(const std::string& text) {
  const auto result = frame_head(text);
  if (!result) return 0;
  const auto* const error = std::get_if<FramingError>(&*result);
  return error == nullptr ? -1 : error->status;
}

std::string with(const std::string& headers) {
  return "POST /x HTTP/1.1\r\n" + std::string(host) + headers + "\r\n";
}

TEST(Framing, TakesAHeadApart) {
  const std::string text = "\r\nGET /a?b=c HTTP/1.1\r\nHost: h\r\nX-Y:  z \r\n\r\nrest";
  const auto head = framed(text);
  EXPECT_EQ(head.head.method, "GET");
  EXPECT_EQ(head.head.target, "/a?b=c");
  EXPECT_EQ(*find_header(head.head.headers, "x-y"), "z");
  EXPECT_EQ(text.substr(head.bytes), "rest");
  EXPECT_TRUE(head.head.keep_alive);
  EXPECT_FALSE(head.head.has_body());
}

TEST(Framing, WaitsForTheEndOfAHead) {
  const std::string text = with("Content-Length: 3\r\n");
  for (std::size_t size = 0; size < text.size(); ++size)
    EXPECT_EQ(refused(text.substr(0, size)), 0) << size;
  EXPECT_EQ(framed(text).head.content_length, 3U);
}

TEST(Framing, RefusesAnEndlessMethodAlsoWhenTheWholeHeadIsThere) {
  const std::string text = std::string(33, 'M') + " / HTTP/1.1\r\n" + host + "\r\n";
  EXPECT_EQ(refused(text.substr(0, 40)), 400);
  EXPECT_EQ(refused(text), 400);
  EXPECT_EQ(framed(text.substr(1)).head.method, std::string(32, 'M'));
}

TEST(Framing, WaitsForTheEndOfAHeadThatIsAsLongAsItMayBe) {
  const std::string text = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";
  const HeadLimits limits{.all = text.size() - 4};
  for (std::size_t size = 0; size < text.size(); ++size)
    EXPECT_FALSE(frame_head(text.substr(0, size), limits)) << size;
  EXPECT_TRUE(std::holds_alternative<FramedHead>(*frame_head(text, limits)));
}

TEST(Framing, RefusesWhatTwoReadersMightTakeForDifferentMessages) {
  for (const char* const headers :
       {"Content-Length: 1\r\nContent-Length: 1\r\n", "Content-Length: 1, 1\r\n",
        "Content-Length: \r\n", "Content-Length: 1x\r\n", "Content-Length: +1\r\n",
        "Content-Length: 18446744073709551616\r\n",
        "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", "Host: two\r\n",
        "No-Colon\r\n", "Space : x\r\n", " folded\r\n", "X: a\r\n b\r\n", "X: a\nY: b\r\n",
        "X: a\rb\r\n"}) {
    EXPECT_EQ(refused(with(headers)), 400) << headers;
  }
  EXPECT_EQ(refused(with("Transfer-Encoding: gzip, chunked\r\n")), 501);
  EXPECT_EQ(refused("GET / HTTP/1.1\r\n\r\n"), 400);
  EXPECT_EQ(refused("GET / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n"), 400);
}

TEST(Framing, BoundsEverything) {
  EXPECT_EQ(refused("GET /" + std::string(9000, 'a')), 414);
  EXPECT_EQ(refused(with("X: " + std::string(9000, 'a') + "\r\n")), 431);
  EXPECT_EQ(refused("GET / HTTP/1.1\r\nX: " + std::string(40'000, 'a')), 431);
  std::string many;
  for (int number = 0; number < 101; ++number) many += "X: a\r\n";
  EXPECT_EQ(refused(with(many)), 431);
  EXPECT_EQ(refused(std::string(100, 'A')), 400);
}

TEST(Framing, KnowsWhenAConnectionEnds) {
  EXPECT_FALSE(framed(with("Connection: Keep-Alive, Close\r\n")).head.keep_alive);
  EXPECT_FALSE(framed("GET / HTTP/1.0\r\n\r\n").head.keep_alive);
  EXPECT_TRUE(framed("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n").head.keep_alive);
}

TEST(Framing, TakesTheAbsoluteFormForItsPath) {
  EXPECT_EQ(framed("GET http://h HTTP/1.1\r\nHost: h\r\n\r\n").head.target, "/");
  EXPECT_EQ(framed("GET https://h/a?b HTTP/1.1\r\nHost: h\r\n\r\n").head.target, "/a?b");
  EXPECT_EQ(framed("GET http://h?b HTTP/1.1\r\nHost: h\r\n\r\n").head.target, "/?b");
  EXPECT_EQ(refused("GET h:80 HTTP/1.1\r\nHost: h\r\n\r\n"), 400);
}

std::string unchunked(const std::string& text, std::size_t step) {
  ChunkedBody chunks;
  std::string body;
  std::string buffer;
  for (std::size_t at = 0; at < text.size(); at += step) {
    buffer += text.substr(at, step);
    buffer.erase(0, chunks.take(buffer, body, 1000));
  }
  EXPECT_EQ(chunks.done(), true);
  return body + "|" + buffer;
}

TEST(Framing, TakesChunksApartHoweverTheyCome) {
  const std::string text = "3\r\nabc\r\nA;x=y\r\n0123456789\r\n0\r\nTrailer: t\r\n\r\nGET";
  for (const std::size_t step : {1U, 2U, 3U, 7U, 100U})
    EXPECT_EQ(unchunked(text, step).substr(0, 14), "abc0123456789|") << step;
  EXPECT_EQ(unchunked(text, 100), "abc0123456789|GET");
}

TEST(Framing, ChunksTakeNoMoreThanThereIsRoomFor) {
  ChunkedBody chunks;
  std::string body;
  const std::string text = "A\r\n0123456789\r\n";
  EXPECT_EQ(chunks.take(text, body, 4), 7U);
  EXPECT_EQ(body, "0123");
  EXPECT_FALSE(chunks.done());
}

TEST(Framing, RefusesChunksThatAreNone) {
  for (const char* const text : {"x\r\n", "\r\n", "-1\r\n", "1\r\nab\r\n", "0x1\r\n",
                                 "fffffffffffffffff\r\n", "ffffffffffffffff\r\n"}) {
    ChunkedBody chunks;
    std::string body;
    EXPECT_THROW(chunks.take(text, body, 1000), FramingError) << text;
  }
}

TEST(Chunks, ALineThatIsTooLongIsRefusedHoweverItArrives) {
  const std::string text = "0\r\nT: " + std::string(1100, 'v') + "\r\n\r\n";
  for (const std::size_t piece : {std::size_t{1}, text.size()}) {
    ChunkedBody chunks;
    std::string body;
    std::string buffer;
    const auto feed = [&] {
      for (std::size_t at = 0; at < text.size(); at += piece) {
        buffer += text.substr(at, piece);
        buffer.erase(0, chunks.take(buffer, body, 100));
      }
    };
    EXPECT_THROW(feed(), FramingError) << piece;
  }
}

}  // namespace
}  // namespace freight::daemon::http
