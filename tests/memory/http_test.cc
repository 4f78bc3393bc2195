// Servers and bodies of HTTP while allocations fail. Requests are in http_requests_test.cc.
#include "tenon/http.h"

#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>

#include "tenon/composition.h"
#include "tenon/remote.h"
#include "tests/memory/prepared_call.h"
#include "tests/memory/small_units.h"
#include "tests/support/certificates.h"
#include "tests/support/failing_memory.h"
#include "tests/support/temporary_folder.h"

namespace tenon::memory_test::http_test {
namespace {

using namespace std::chrono_literals;
using failing_memory::expect_no_allocation;
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

class ServersInCpp : public testing::Test {
 protected:
  static Composition build() {
    CompositionBuilder builder;
    builder.prepare_http(4);
    builder.add_component("site", TENON_SOURCE_DIR "/tests/http/answers02.wat");
    return build_again(builder);
  }

  const TemporaryFolder folder_;
  Composition site_ = build();
};

TEST_F(ServersInCpp, HaveSocketFiles) {
  const auto serve = [&]() -> Result<void> {
    const Result<Server> server =
        site_.serve({.http = {.listen = {"unix:" + (folder_.path() / "site.sock").string()}}});
    if (!server) return server.error();
    return {};
  };
  fail_each(serve, {.clean =
                        [&] {
                          site_.poll();
                          EXPECT_TRUE(std::filesystem::is_empty(folder_.path()));
                        },
                    .stride = stride(3)});
}

TEST_F(ServersInCpp, HaveFiles) {
  const Certificates certificates;
  Result<Server> server =
      site_.serve({.http = {.listen = {"https://127.0.0.1:0"},
                            .tls = certificates.server(),
                            .access_log = HttpLog::Common,
                            .access_log_file = folder_.write("logs/access.log", "")}});
  ASSERT_TRUE(server) << server.error().front().message;
  const Belongings before = list_belongings();
  fail_each([&] { return server->counts(); });
  fail_each([&] { return server->reload_tls(); });
  std::ofstream(certificates.path("key")) << "not a key";
  fail_each([&] { return server->reload_tls(); }, {.expected = "remote-tls: "});
  expect_no_allocation([&] { EXPECT_TRUE(*server->reopen_log()); });
  std::filesystem::remove_all(folder_.path() / "logs");
  fail_each([&] { return server->reopen_log(); }, {.expected = "write-file: "});
  expect_no_more(before);
}

TEST(BodiesInCpp, AreMade) {
  const std::string part(1000, 'x');
  fail_each([] { (void)make_http_body(); });
  fail_each([&] { (void)HttpBody(part); });
  std::optional<HttpBody> body(HttpBody{part});
  fail_each([&] { return body->read().wait(10s); }, {.clean = [&] { body.emplace(part); }});
  fail_each([&] { return body->read_all().wait(10s); }, {.clean = [&] { body.emplace(part); }});
  auto [writer, sent] = make_http_body();
  // Until the body is sent, it waits.
  fail_each([&] { (void)writer.write(part); });
  fail_each([&] { return writer.close({{"not a name", "a trailer that is not valid"}}); },
            {.expected = "http-message: "});
  fail_each([] {
    return make_http_body().first.close({{"x-end", "a trailer that is longer than a short text"}});
  });
  // The write ends with the body, whose destructor cannot say that there is no memory.
  fail_each([&] {
    auto [to, from] = make_http_body();
    const auto write = to.write(part);
    const HttpBody dropped = std::move(from);
  });
}

}  // namespace
}  // namespace tenon::memory_test::http_test
