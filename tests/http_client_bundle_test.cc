// Tests of the bundle `http-client` (bundles/http-client) against servers of this process.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "engine/wat.h"
#include "support/descriptor.h"
#include "tests/support/bundle_app.h"
#include "tests/support/call_test.h"
#include "tests/support/loopback_server.h"

namespace tenon::http_client_bundle_test {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

// `get` and `send` pass their parameters on. `many` appends a four-digit number to a URL, and starts
// `count` such requests before it waits for any, and calls `started` in between. Returns how many
// responses are those digits, and how many requests were in progress at once.
constexpr const char* kApp = R"((component
  (import "test:http/progress" (instance $progress (export "started" (func))))
  (import "tenon:http-client/requests@0.1.0" (instance $http
    (type $request' (record (field "method" string) (field "url" string)
      (field "headers" (list (tuple string string))) (field "body" (list u8))
      (field "timeout-ms" (option u32))))
    (export "request" (type $request (eq $request')))
    (type $response' (record (field "status" u16) (field "headers" (list (tuple string string)))
      (field "body" (list u8))))
    (export "response" (type $response (eq $response')))
    (type $kind' (enum "invalid" "denied" "connection" "timeout" "too-large" "busy" "protocol"))
    (export "error-kind" (type $kind (eq $kind')))
    (type $error' (record (field "kind" $kind) (field "message" string)))
    (export "error" (type $error (eq $error')))
    (export "get" (func async (param "url" string) (result (result $response (error $error)))))
    (export "send" (func async (param "request" $request)
      (result (result $response (error $error)))))))
  (alias export $http "request" (type $request))
  (alias export $http "response" (type $response))
  (alias export $http "error" (type $error))
  (core module $libc
    (memory (export "memory") 64)
    (global $top (mut i32) (i32.const 1024))
    (func (export "realloc") (param i32 i32 i32 i32) (result i32)
      (local $at i32)
      (local.set $at (global.get $top))
      (global.set $top (i32.add (local.get $at)
        (i32.and (i32.add (local.get 3) (i32.const 7)) (i32.const -8))))
      (local.get $at)))
  (core instance $libc (instantiate $libc))
  (alias core export $libc "memory" (core memory $memory))
  (alias core export $libc "realloc" (core func $realloc))
  (core func $get (canon lower (func $http "get") async (memory $memory) (realloc $realloc)))
  (core func $get-now (canon lower (func $http "get") (memory $memory) (realloc $realloc)))
  (core func $send-now (canon lower (func $http "send") (memory $memory) (realloc $realloc)))
  (core func $all-started (canon lower (func $progress "started")))
  (core func $subtask-drop (canon subtask.drop))
  (core func $set-new (canon waitable-set.new))
  (core func $set-wait (canon waitable-set.wait (memory $memory)))
  (core func $join (canon waitable.join))
  (core module $code
    (import "" "memory" (memory 64))
    (import "" "realloc" (func $realloc (param i32 i32 i32 i32) (result i32)))
    (import "" "get" (func $get (param i32 i32 i32) (result i32)))
    (import "" "get-now" (func $get-now (param i32 i32 i32)))
    (import "" "send-now" (func $send-now (param i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32)))
    (import "" "all-started" (func $all-started))
    (import "" "subtask-drop" (func $subtask-drop (param i32)))
    (import "" "set-new" (func $set-new (result i32)))
    (import "" "set-wait" (func $set-wait (param i32 i32) (result i32)))
    (import "" "join" (func $join (param i32 i32)))
    (func (export "get") (param i32 i32) (result i32)
      (call $get-now (local.get 0) (local.get 1) (i32.const 512))
      (i32.const 512))
    (func (export "send") (param i32 i32 i32 i32 i32 i32 i32 i32 i32 i32) (result i32)
      (call $send-now (local.get 0) (local.get 1) (local.get 2) (local.get 3) (local.get 4)
        (local.get 5) (local.get 6) (local.get 7) (local.get 8) (local.get 9) (i32.const 512))
      (i32.const 512))
    ;; Four digits, as bytes of an i32.
    (func $digits (param $n i32) (result i32)
      (i32.add (i32.const 0x30303030) (i32.or
        (i32.or (i32.div_u (local.get $n) (i32.const 1000))
          (i32.shl (i32.rem_u (i32.div_u (local.get $n) (i32.const 100)) (i32.const 10))
            (i32.const 8)))
        (i32.or
          (i32.shl (i32.rem_u (i32.div_u (local.get $n) (i32.const 10)) (i32.const 10))
            (i32.const 16))
          (i32.shl (i32.rem_u (local.get $n) (i32.const 10)) (i32.const 24))))))
    (func (export "many") (param $url i32) (param $length i32) (param $count i32) (result i32)
      (local $set i32) (local $i i32) (local $text i32) (local $results i32) (local $status i32)
      (local $started i32) (local $left i32) (local $right i32) (local $at i32)
      (local.set $set (call $set-new))
      (local.set $text (call $realloc (i32.const 0) (i32.const 0) (i32.const 1)
        (i32.add (local.get $length) (i32.const 4))))
      (memory.copy (local.get $text) (local.get $url) (local.get $length))
      (local.set $results (call $realloc (i32.const 0) (i32.const 0) (i32.const 8)
        (i32.mul (local.get $count) (i32.const 32))))
      (loop $next
        (i32.store (i32.add (local.get $text) (local.get $length)) (call $digits (local.get $i)))
        (local.set $status (call $get (local.get $text) (i32.add (local.get $length) (i32.const 4))
          (i32.add (local.get $results) (i32.mul (local.get $i) (i32.const 32)))))
        (if (i32.ne (local.get $status) (i32.const 2)) ;; RETURNED
          (then
            (call $join (i32.shr_u (local.get $status) (i32.const 4)) (local.get $set))
            (local.set $started (i32.add (local.get $started) (i32.const 1)))))
        (local.set $i (i32.add (local.get $i) (i32.const 1)))
        (br_if $next (i32.lt_u (local.get $i) (local.get $count))))
      (call $all-started)
      (local.set $left (local.get $started))
      (block $done (loop $wait
        (br_if $done (i32.eqz (local.get $left)))
        (if (i32.ne (call $set-wait (local.get $set) (i32.const 0)) (i32.const 1)) ;; SUBTASK
          (then unreachable))
        (call $subtask-drop (i32.load (i32.const 0)))
        (local.set $left (i32.sub (local.get $left) (i32.const 1)))
        (br $wait)))
      (local.set $i (i32.const 0))
      (loop $check
        (local.set $at (i32.add (local.get $results) (i32.mul (local.get $i) (i32.const 32))))
        (if (i32.and
              (i32.and (i32.eqz (i32.load8_u (local.get $at)))
                (i32.eq (i32.load16_u offset=4 (local.get $at)) (i32.const 200)))
              (i32.eq (i32.load offset=20 (local.get $at)) (i32.const 4)))
          (then (local.set $right (i32.add (local.get $right)
            (i32.eq (i32.load (i32.load offset=16 (local.get $at)))
              (call $digits (local.get $i)))))))
        (local.set $i (i32.add (local.get $i) (i32.const 1)))
        (br_if $check (i32.lt_u (local.get $i) (local.get $count))))
      (i32.store (i32.const 16) (local.get $right))
      (i32.store (i32.const 20) (local.get $started))
      (i32.const 16)))
  (core instance $core (instantiate $code (with "" (instance
    (export "memory" (memory $memory)) (export "realloc" (func $realloc))
    (export "get" (func $get)) (export "get-now" (func $get-now))
    (export "send-now" (func $send-now)) (export "all-started" (func $all-started))
    (export "subtask-drop" (func $subtask-drop)) (export "set-new" (func $set-new))
    (export "set-wait" (func $set-wait)) (export "join" (func $join))))))
  (func (export "get") async (param "url" string) (result (result $response (error $error)))
    (canon lift (core func $core "get") (memory $memory) (realloc $realloc)))
  (func (export "send") async (param "request" $request)
    (result (result $response (error $error)))
    (canon lift (core func $core "send") (memory $memory) (realloc $realloc)))
  (func (export "many") async (param "url" string) (param "count" u32) (result (tuple u32 u32))
    (canon lift (core func $core "many") (memory $memory) (realloc $realloc)))))";

// on_started: called when `many` has started all of its requests.
CompositionBuilder make_app(const BundleConfig& config, std::function<void()> on_started = [] {}) {
  CompositionBuilder builder;
  builder.add_host_function("test:http/progress", "started", std::move(on_started));
  builder.add_component("app", *engine::wat_to_wasm("app.wat", kApp));
  builder.add_host_bundle("host", bundle_folder("http-client"));
  builder.set_root("app");
  for (const auto& [key, value] : config) builder.set_host_config("host", key, value);
  return builder;
}

Composition start_app(const BundleConfig& config = {{"allow", "*"}}) {
  return start_bundle_app(make_app(config));
}

// The result of `get` in WAVE, with its headers.
std::string get(const Composition& app, const std::string& url) {
  return call_text(app, fmt::format("get(\"{}\")", url));
}
// more: fields of the request.
std::string send(const Composition& app, std::string_view method, const std::string& url,
                 std::string_view more = "headers: [], body: []") {
  return call_text(app,
                   fmt::format("send({{method: \"{}\", url: \"{}\", {}}})", method, url, more));
}

// Serves any number of connections at a time, and many requests on each. Answers with the last four
// characters of the target, after a moment. All requests wait until `begin_answers`, because a call
// that is answered before the guest has started it counts as returned, not as in progress.
class BusyServer final {
 public:
  BusyServer() : accepting_([this] { accept_all(); }) {}
  BusyServer(const BusyServer&) = delete;
  BusyServer& operator=(const BusyServer&) = delete;
  // The clients have closed their connections.
  ~BusyServer() {
    begin_answers();
    socket_.shut_down();
    accepting_.join();
    for (std::thread& thread : threads_) thread.join();
  }

  [[nodiscard]] std::string url(std::string_view target) const {
    return fmt::format("http://{}{}", socket_.host(), target);
  }
  void begin_answers() { set_waiting(false); }
  void end_answers() { set_waiting(true); }
  [[nodiscard]] std::size_t connections() const { return threads_.size(); }
  // The most requests that were being answered at a time.
  [[nodiscard]] int most() const { return most_; }

 private:
  void accept_all() {
    while (true) {
      Descriptor connection = socket_.accept();
      if (!connection.is_open()) return;
      threads_.emplace_back([this, held = std::move(connection)] { serve(held.number()); });
    }
  }

  void serve(int connection) {
    std::string text;
    char room[4096];
    while (true) {
      std::size_t end = 0;
      while ((end = text.find("\r\n\r\n")) == std::string::npos) {
        const ssize_t count = ::recv(connection, room, sizeof room, 0);
        if (count <= 0) return;
        text.append(room, static_cast<std::size_t>(count));
      }
      const std::string target = text.substr(4, text.find(' ', 4) - 4);
      text.erase(0, end + 4);
      note(++active_);
      is_waiting_.wait(true);
      std::this_thread::sleep_for(2ms);
      --active_;
      const std::string reply =
          "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n" + target.substr(target.size() - 4);
      if (::send(connection, reply.data(), reply.size(), MSG_NOSIGNAL) <= 0) return;
    }
  }

  void set_waiting(bool is_waiting) {
    is_waiting_ = is_waiting;
    is_waiting_.notify_all();
  }

  void note(int active) {
    int most = most_;
    while (active > most && !most_.compare_exchange_weak(most, active)) {
    }
  }

  LoopbackSocket socket_{1024};
  std::atomic<bool> is_waiting_ = true;
  std::atomic<int> active_ = 0;
  std::atomic<int> most_ = 0;
  std::vector<std::thread> threads_;
  std::thread accepting_;
};

TEST(HttpClientBundle, AGuestSendsAThousandRequestsAtOnce) {
  BusyServer server;
  {
    const Composition app = start_bundle_app(make_app(
        {{"allow", server.url("")}, {"max-connections", "64"}}, [&] { server.begin_answers(); }));
    EXPECT_EQ(call_text(app, fmt::format("many(\"{}\", 1000)", server.url("/item/"))),
              "(1000, 1000)");
    // The connections are used again.
    server.end_answers();
    EXPECT_EQ(call_text(app, fmt::format("many(\"{}\", 1000)", server.url("/item/"))),
              "(1000, 1000)");
  }
  EXPECT_GE(server.most(), 32);
  EXPECT_LE(server.connections(), 64U);
}

TEST(HttpClientBundle, AResponseHasStatusHeadersAndBody) {
  LoopbackServer server([](const ServedRequest&) {
    return make_reply(418, "short", "X-Two: 1\r\nx-two:  2 \r\nX-Bad: \xff\r\n");
  });
  EXPECT_EQ(get(start_app(), server.url("/")),
            "ok({status: 418, headers: [(\"connection\", \"close\"), (\"content-length\", \"5\"), "
            "(\"x-two\", \"1\"), (\"x-two\", \"2\"), (\"x-bad\", \"\xef\xbf\xbd\")], "
            "body: [115, 104, 111, 114, 116]})");
}

TEST(HttpClientBundle, ARequestIsSentAsItIs) {
  ServedRequest served;
  LoopbackServer server([&](const ServedRequest& request) {
    served = request;
    return make_reply(204, "");
  });
  const Composition app = start_app();
  EXPECT_THAT(send(app, "PATCH", server.url("/a?b=c%20d"),
                   R"(headers: [("X-One", "1"), ("X-Empty", "")], body: [0, 10, 255])"),
              StartsWith("ok({status: 204,"));
  EXPECT_EQ(served.method, "PATCH");
  EXPECT_EQ(served.target, "/a?b=c%20d");
  EXPECT_EQ(served.header("X-One"), "1");
  EXPECT_THAT(served.head, AllOf(HasSubstr("\r\nX-Empty:\r\n"), Not(HasSubstr("Content-Type")),
                                 Not(HasSubstr("Expect"))));
  EXPECT_EQ(served.body, std::string("\0\n\xff", 3));
  EXPECT_THAT(send(app, "POST", server.url("/")), StartsWith("ok({status: 204,"));
  EXPECT_EQ(served.header("Content-Length"), "0");
  EXPECT_THAT(send(app, "HEAD", server.url("/")), StartsWith("ok({status: 204,"));
  EXPECT_EQ(served.method, "HEAD");
}

TEST(HttpClientBundle, RedirectsAreNotFollowed) {
  LoopbackServer server(
      [](const ServedRequest&) { return make_reply(302, "", "Location: /other\r\n"); });
  EXPECT_THAT(get(start_app(), server.url("/")),
              AllOf(StartsWith("ok({status: 302,"), HasSubstr("(\"location\", \"/other\")")));
  EXPECT_EQ(server.requests().size(), 1U);
}

TEST(HttpClientBundle, GuestsReachOnlyTheAllowedServers) {
  LoopbackServer server([](const ServedRequest&) { return make_reply(200, ""); });
  const Composition app =
      start_app({{"allow", server.url("/") + " https://*.example.org http://[::1]:8080"}});
  EXPECT_THAT(get(app, server.url("/x")), StartsWith("ok("));
  const std::string port = server.host().substr(server.host().find(':') + 1);
  for (const std::string& url :
       {"https://" + server.host(), std::string("http://127.0.0.1"), "http://localhost:" + port,
        "http://127.0.0.2:" + port, std::string("http://a.example.org"),
        std::string("https://example.org"), std::string("https://aexample.org"),
        std::string("https://a.example.org:444"), std::string("http://[::1]")})
    EXPECT_THAT(get(app, url), StartsWith("err({kind: denied, ")) << url;
  // Other spellings of the allowed server.
  EXPECT_THAT(get(app, "http://2130706433:" + port), StartsWith("ok("));
  EXPECT_EQ(server.requests().size(), 2U);
}

TEST(HttpClientBundle, RequestsThatBreakARuleAreRefused) {
  const Composition app = start_app();
  for (const std::string_view url :
       {"", "nowhere", "/path", "ftp://a.example", "file:///etc/passwd",
        "http://user:word@a.example", "http://a.example/a b", "http://a.example/\\u{0}b",
        "http://a.example:99999", "http://", "gopher://a.example", "unix:///run/x"})
    EXPECT_THAT(get(app, std::string(url)), StartsWith("err({kind: invalid, ")) << url;
  const std::string url = "http://a.example";
  for (const std::string_view method : {"", "G T", "CONNECT", "TRACE", "GET\\r\\nX: 1"})
    EXPECT_THAT(send(app, method, url), StartsWith("err({kind: invalid, ")) << method;
  for (const std::string_view header :
       {R"(("", "x"))", R"(("a b", "x"))", R"(("a", "x\r\nb: c"))", R"(("a", "x\u{0}"))",
        R"(("Host", "x"))", R"(("content-LENGTH", "1"))", R"(("Transfer-Encoding", "chunked"))"})
    EXPECT_THAT(send(app, "GET", url, fmt::format("headers: [{}], body: []", header)),
                StartsWith("err({kind: invalid, "))
        << header;
  EXPECT_THAT(send(app, "HEAD", url, "headers: [], body: [1]"), HasSubstr("`HEAD` has no body"));
}

TEST(HttpClientBundle, FailuresHaveTheirKind) {
  std::string closed;
  {
    LoopbackServer gone([](const ServedRequest&) { return Reply(); });
    closed = gone.url("/");
  }
  const Composition app = start_app({{"allow", "*"}, {"max-body-bytes", "1000"}});
  EXPECT_THAT(get(app, closed), StartsWith("err({kind: connection, "));
  EXPECT_THAT(get(app, "http://nowhere.invalid/"), StartsWith("err({kind: connection, "));
  LoopbackServer large(
      [](const ServedRequest&) { return make_reply(200, std::string(1001, 'x')); });
  EXPECT_THAT(get(app, large.url("/")), StartsWith("err({kind: too-large, "));
  LoopbackServer heads([](const ServedRequest&) {
    std::string headers;
    for (int i = 0; i < 60; ++i) headers += "A: " + std::string(5000, 'x') + "\r\n";
    return make_reply(200, "", headers);
  });
  EXPECT_THAT(get(app, heads.url("/")), StartsWith("err({kind: too-large, "));
  LoopbackServer wrong([](const ServedRequest&) { return Reply{"hello\r\n\r\n"}; });
  EXPECT_THAT(get(app, wrong.url("/")), StartsWith("err({kind: protocol, "));
  LoopbackServer silent([](const ServedRequest&) { return Reply{"", AfterReply::Stall}; });
  EXPECT_THAT(send(app, "GET", silent.url("/"), "headers: [], body: [], timeout-ms: some(50)"),
              StartsWith("err({kind: timeout, "));
}

TEST(HttpClientBundle, TheHostLimitsTimeAndNumber) {
  LoopbackServer silent([](const ServedRequest&) { return Reply{"", AfterReply::Stall}; });
  const Composition app = start_app({{"allow", "*"}, {"timeout-ms", "300"}, {"max-requests", "3"}});
  // A guest cannot ask for more time.
  EXPECT_THAT(
      send(app, "GET", silent.url("/"), "headers: [], body: [], timeout-ms: some(4000000000)"),
      StartsWith("err({kind: timeout, "));
  // Seven of ten end at once.
  EXPECT_EQ(call_text(app, fmt::format("many(\"{}\", 10)", silent.url("/"))), "(0, 3)");
  // They are not counted any more.
  EXPECT_EQ(call_text(app, fmt::format("many(\"{}\", 2)", silent.url("/"))), "(0, 2)");
}

TEST(HttpClientBundle, RequestsInProgressEndWithTheComposition) {
  LoopbackServer silent([](const ServedRequest&) { return Reply{"", AfterReply::Stall}; });
  const auto begin = std::chrono::steady_clock::now();
  {
    const Composition app = start_app();
    const auto function =
        app.function<std::tuple<std::uint32_t, std::uint32_t>(std::string, std::uint32_t)>("",
                                                                                           "many");
    ASSERT_TRUE(function);
    const auto task = function->start(silent.url("/"), 5U);
    EXPECT_FALSE(task.is_done());
  }
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 10s);
}

TEST(HttpClientBundle, AWrongConfigurationIsReported) {
  const auto refused = [](const BundleConfig& config) {
    const Result<Composition> built = make_app(config).build();
    return built ? std::string() : problems_text(built.error());
  };
  EXPECT_THAT(refused({}), HasSubstr("allow"));
  EXPECT_THAT(refused({{"allow", "example.org/path"}}), HasSubstr("which is not a server"));
  EXPECT_THAT(refused({{"allow", "http://a http://b/path"}}), HasSubstr("`http://b/path`"));
  EXPECT_THAT(refused({{"allow", "*"}, {"max-connections", "0"}}),
              HasSubstr("`max-connections` must be from 1 to 10000, found 0"));
}

}  // namespace
}  // namespace tenon::http_client_bundle_test
