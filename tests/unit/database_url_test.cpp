#include <gtest/gtest.h>

#include "database/url.hpp"
#include "freight/error.hpp"

namespace freight::database {
namespace {

TEST(DatabaseUrl, ReadsThePathOfSqlite) {
  EXPECT_EQ(parse_url("sqlite:freight.db", Code::invalid_value).path, "freight.db");
  EXPECT_EQ(parse_url("sqlite:/a b/c=d.db", Code::invalid_value).path, "/a b/c=d.db");
  EXPECT_EQ(parse_url("sqlite:x.db", Code::invalid_value).display(), "sqlite:x.db");
}

TEST(DatabaseUrl, GivesPostgresqlUrlsToLibpqAsTheyAre) {
  for (const std::string text :
       {"postgresql://u:p@h:1/d?sslmode=require", "postgres://h", "postgresql:///d?host=/tmp"}) {
    const auto url = parse_url(text, Code::invalid_value);
    EXPECT_EQ(url.backend, Backend::postgresql);
    EXPECT_EQ(url.text, text);
  }
}

TEST(DatabaseUrl, RefusesWhatIsNoDatabaseWithTheCallersCode) {
  for (const std::string text :
       {"", "freight.db", "mysql://h/d", "sqlite:", "sqlite::memory:", "postgresql:"}) {
    try {
      parse_url(text, Code::unsupported_storage);
      FAIL() << text;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), Code::unsupported_storage);
    }
  }
  EXPECT_THROW(parse_url(std::string_view("sqlite:a\0b", 10), Code::invalid_value), Error);
}

TEST(DatabaseUrl, NeverShowsAPassword) {
  const std::pair<const char*, const char*> cases[] = {
      {"postgresql://u:secret@h:1/d", "postgresql://u:***@h:1/d"},
      {"postgresql://u@h/d", "postgresql://u@h/d"},
      {"postgresql://h:5432/d", "postgresql://h:5432/d"},
      {"postgresql://u:se@cret@h/d", "postgresql://u:***@h/d"},
      {"postgresql://u:se/cret@h/d", "postgresql://u:***@h/d"},
      {"postgresql://u:se?cret@h/d", "postgresql://u:***@h/d"},
      {"postgresql://h/d?user=u&password=secret", "postgresql://h/d?user=u&password=***"},
      {"postgresql://h/d?PassWord=secret&x=1", "postgresql://h/d?PassWord=***&x=1"},
      {"postgresql://h/d?password=sec@ret", "postgresql://h/d?password=***"},
      {"postgresql://h?sslpassword=secret", "postgresql://h?sslpassword=***"},
      {"mysql://u:secret@h/d", "mysql://u:***@h/d"},
  };
  for (const auto& [text, shown] : cases) {
    EXPECT_EQ(without_password(text).find("secret"), std::string::npos) << without_password(text);
    EXPECT_EQ(without_password(text), shown);
  }
}

}  // namespace
}  // namespace freight::database
