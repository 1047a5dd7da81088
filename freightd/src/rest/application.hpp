#pragma once

#include <string>
#include <string_view>

#include "http/message.hpp"
#include "rest/router.hpp"
#include "rest/services.hpp"

namespace freight::daemon::rest {

/// All operations of the API.
const Router& all_routes();
/// Health and metrics alone.
const Router& probe_routes();

/// Answers requests by the table of routes. What is the same for all of them is here and nowhere
/// else: who may call, how often, what is logged and audited, and how errors look.
class Application final : public http::Application {
 public:
  Application(Services& services, const Router& router) : services_(services), router_(router) {}

  http::RequestKind kind(const http::RequestHead& head) const override;
  http::Answer handle(http::Request& request) noexcept override;
  http::Answer refuse(int status, std::string_view detail) noexcept override;

 private:
  http::Answer route(http::Request& request, const std::string& request_id);
  http::Answer answer(Call& call);
  void authenticate(Call& call) const;
  void act_for_tenant(Call& call) const;
  static void require_scope(const Call& call);
  http::Headers limit_rate(const Call& call) const;
  void audit(const Call& call, const http::Answer& answer) const;
  void note(const http::Request& request, const Call* call, const std::string& request_id,
            int status, double seconds) const;
  void add_headers(const http::Request& request, const std::string& request_id,
                   http::Answer& answer) const;

  Services& services_;
  const Router& router_;
};

}  // namespace freight::daemon::rest
