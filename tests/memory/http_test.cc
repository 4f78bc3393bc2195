// Servers and bodies of HTTP while allocations fail. Requests are in http_requests_test.cc.
#include "tenon/http.h"

#include <gtest/gtest.h>

#include <chrono>
#include <optional>
#include <string>

#include "tenon/composition.h"
#include "tenon/remote.h"
#include "tests/memory/small_units.h"
#include "tests/support/failing_memory.h"

namespace tenon::memory_test::http_test {
namespace {

using namespace std::chrono_literals;
using failing_memory::fail_each;
using failing_memory::stride;

class HttpInCpp : public testing::TestWithParam<const char*> {};
INSTANTIATE_TEST_SUITE_P(Guests, HttpInCpp,
                         testing::Values("http/answers02.wat", "http/answers03.wat"));

TEST_P(HttpInCpp, IsServed) {
  CompositionBuilder builder;
  builder.prepare_http(4);
  builder.add_component("site", std::string(TENON_SOURCE_DIR "/tests/") + GetParam());
  fail_each([&] { return builder.plan(); }, {.stride = stride(61)});
  Composition site = build_again(builder);
  std::optional<Result<Server>> server;
  fail_each(
      [&]() -> Result<void> {
        server.emplace(site.serve({.http = {.in_process = true}}));
        if (!*server) return server->error();
        return {};
      },
      {.clean = [&] { server.reset(); }, .stride = stride(7)});
  Result<Server> last = site.serve({.http = {.in_process = true}});
  ASSERT_TRUE(last);
  const auto response = last->send({.target = "/"}).wait(10s);
  EXPECT_TRUE(response && *response);
}

TEST(BodiesInCpp, AreMade) {
  const std::string part(1000, 'x');
  fail_each([] { (void)make_http_body(); });
  fail_each([&] { (void)HttpBody(part); });
  std::optional<HttpBody> body(HttpBody{part});
  fail_each([&] { return body->read().wait(10s); }, {.clean = [&] { body.emplace(part); }});
  fail_each([&] { return body->read_all().wait(10s); }, {.clean = [&] { body.emplace(part); }});
  auto [writer, sent] = make_http_body();
  fail_each([&] { return writer.close({{"not a name", "a trailer that is not valid"}}); },
            {.expected = "http-message: "});
}

}  // namespace
}  // namespace tenon::memory_test::http_test
