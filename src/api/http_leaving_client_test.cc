// Clients that leave while a handler of the program answers them.
#include <gtest/gtest.h>

#include <chrono>
#include <optional>
#include <string>
#include <utility>

#include "tenon/builder.h"
#include "tenon/composition.h"
#include "tenon/http.h"
#include "tenon/remote.h"
#include "tests/support/witness.h"

namespace tenon::http_leaving_client_test {
namespace {

using namespace std::chrono_literals;

using Response = CallResult<HttpResponse>;

// The handler waits for its composition without `co_await`, so the server learns meanwhile that the client has left.
struct Handler {
  std::optional<Server> server;
  std::optional<Task<Response>> sent;
  bool is_gone = false;
  bool was_gone_while_it_ran = false;

  Task<Response> answer(HttpRequest request) {
    const Witness witness(is_gone);
    (void)co_await request.body.read_all();
    sent.reset();
    for (int i = 0; i < 1000 && server->counts().clients_left == 0; ++i)
      (void)server->send({.method = "POST", .target = "/echo", .body = "abc"}).wait(10ms);
    was_gone_while_it_ran = is_gone;
    EXPECT_EQ(request.target, "/own");
    co_return HttpResponse();
  }
};

TEST(LeavingClients, AHandlerThatRunsGoesOn) {
  Handler handler;
  CompositionBuilder builder;
  builder.add_component("site", TENON_SOURCE_DIR "/tests/http/answers02.wat").prepare_http(2);
  builder.add_http_route(
      {.path = "/own", .handler = [&](HttpRequest request, const HttpNext& /*next*/) {
         return handler.answer(std::move(request));
       }});
  builder.add_http_route({.path = "/*", .unit = "site"});
  Result<Composition> site = builder.build();
  ASSERT_TRUE(site) << site.error().front().message;
  Result<Server> server = site->serve({.http = {.in_process = true}});
  ASSERT_TRUE(server) << server.error().front().message;
  handler.server.emplace(*std::move(server));
  auto [writer, body] = make_http_body();
  handler.sent.emplace(
      handler.server->send({.method = "POST", .target = "/own", .body = std::move(body)}));
  EXPECT_FALSE(handler.sent->wait(10ms).has_value());
  ASSERT_TRUE(writer.close());
  for (int i = 0; i < 1000 && !handler.is_gone; ++i) site->run_for(10ms);
  EXPECT_FALSE(handler.was_gone_while_it_ran);
  EXPECT_TRUE(handler.is_gone);
  EXPECT_EQ(handler.server->counts().clients_left, 1u);
  EXPECT_EQ(handler.server->counts().failures, 0u);
  handler.server.reset();
}

}  // namespace
}  // namespace tenon::http_leaving_client_test
