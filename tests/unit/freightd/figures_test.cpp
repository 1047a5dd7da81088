#include <array>
#include <string>

#include <gtest/gtest.h>

#include "metrics.hpp"
#include "rest/rate_limiter.hpp"
#include "rest/router.hpp"
#include "rest/text.hpp"

namespace freight::daemon {
namespace {

TEST(Metrics, AreWrittenAsPrometheusReadsThem) {
  Metrics metrics;
  const std::array labels{MetricLabel{"outcome", "a \"b\"\n\\"}};
  metrics.count("freight_records_total", labels, 2);
  metrics.count("freight_records_total", labels, 3);
  metrics.gauge("own_gauge", {}, 1.5);
  metrics.gauge("own_gauge", {}, 0.25);
  metrics.observe("freight_claim_seconds", {}, 0.003);
  metrics.observe("freight_claim_seconds", {}, 99);
  const std::string text = metrics.text();
  for (const char* const line :
       {"# TYPE freight_records_total counter\n",
        "freight_records_total{outcome=\"a \\\"b\\\"\\n\\\\\"} 5\n", "own_gauge 0.25\n",
        "# HELP freight_claim_seconds Time of claiming work from the storage.\n",
        "freight_claim_seconds_bucket{le=\"0.0025\"} 0\n",
        "freight_claim_seconds_bucket{le=\"0.005\"} 1\n",
        "freight_claim_seconds_bucket{le=\"+Inf\"} 2\n", "freight_claim_seconds_count 2\n"})
    EXPECT_NE(text.find(line), std::string::npos) << line << text;
}

TEST(RateLimits, GrantASecondsWorthAndThenTheRate) {
  rest::RateLimiter limiter;
  const auto tenant = TenantId::generate();
  for (int number = 0; number < 5; ++number) EXPECT_TRUE(limiter.take(tenant, 5).granted);
  const auto refused = limiter.take(tenant, 5);
  EXPECT_FALSE(refused.granted);
  EXPECT_EQ(refused.retry_after.count(), 1);
  EXPECT_TRUE(limiter.take(TenantId::generate(), 5).granted);
}

TEST(Texts, AreCleanOrMadeSo) {
  EXPECT_TRUE(rest::is_clean_text("Ünï \"x\" \\"));
  for (const std::string& text : {std::string("a\0b", 3), std::string("\xff"), std::string("a\nb"),
                                  std::string("\xed\xa0\x80"), std::string("\x7f")})
    EXPECT_FALSE(rest::is_clean_text(text));
  EXPECT_EQ(rest::printable("a\x01ü"), "a???");
  EXPECT_EQ(rest::text_of_hex(rest::hex_text(std::string("\x00\xff", 2))),
            std::string("\x00\xff", 2));
  EXPECT_EQ(rest::text_of_hex("abc"), std::nullopt);
  EXPECT_EQ(rest::whole_number("18446744073709551616"), std::nullopt);
}

http::Answer nothing(rest::Call&) { return {}; }

TEST(Router, FindsARouteItsPartsAndWhatAPathAllows) {
  static constexpr std::array routes{rest::Route{.method = "GET",
                                                 .path = "/a/{id}",
                                                 .operation_id = "get",
                                                 .access = rest::Access::read,
                                                 .handle = nothing,
                                                 .summary = ""},
                                     rest::Route{.method = "PUT",
                                                 .path = "/a/{id}/b",
                                                 .operation_id = "put",
                                                 .access = rest::Access::read,
                                                 .handle = nothing,
                                                 .summary = ""}};
  const rest::Router router({routes});
  EXPECT_EQ(router.find("GET", "/a/7").path.at("id"), "7");
  EXPECT_EQ(router.find("HEAD", "/a/7").route->operation_id, "get");
  EXPECT_EQ(router.find("PUT", "/a/7/b").route->operation_id, "put");
  EXPECT_EQ(router.find("DELETE", "/a/7").route, nullptr);
  EXPECT_EQ(router.find("DELETE", "/a/7").allowed, "HEAD, GET, OPTIONS");
  for (const char* const path : {"/a", "/a/", "/a/7/", "/a/7/b/c", "", "a/7", "//a/7"})
    EXPECT_EQ(router.find("GET", path).allowed, "") << path;
}

}  // namespace
}  // namespace freight::daemon
