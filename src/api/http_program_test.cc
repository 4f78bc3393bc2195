// Requests that the program sends without a socket, and those that it answers itself.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <coroutine>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "tenon/builder.h"
#include "tenon/composition.h"
#include "tenon/http.h"
#include "tenon/remote.h"
#include "tests/support/http_exchange.h"
#include "tests/support/witness.h"

namespace tenon::http_program_test {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;
using testing::StartsWith;

using Response = CallResult<HttpResponse>;

const std::string kHttp = TENON_SOURCE_DIR "/tests/http/";
const std::string kGuests = TENON_SOURCE_DIR "/tests/guests/http/wasm/";
constexpr std::size_t kMiB = std::size_t{1} << 20;

// Guests of both versions of WASI.
struct Version {
  std::string name;
  std::string answers;  // tests/http/answers0N.wat
  std::string middle;   // passes requests on
  std::string public_guest;
};
const std::vector<Version> kVersions = {
    {"0.2", kHttp + "answers02.wat", kHttp + "middle02.wat", kGuests + "wstd.wasm"},
    {"0.3", kHttp + "answers03.wat", kHttp + "middle03.wat", kGuests + "wasip3.wasm"}};

// A composition that answers HTTP.
class Site {
 public:
  explicit Site(const std::function<void(CompositionBuilder&)>& describe,
                HttpOptions options = {}) {
    CompositionBuilder builder;
    builder.prepare_http(4);
    describe(builder);
    Result<Composition> built = builder.build();
    if (!built) {
      ADD_FAILURE() << built.error().front().message;
      return;
    }
    site_.emplace(*std::move(built));
    options.in_process = true;
    options.on_failure = [this](const HttpFailure& failure) { failures.push_back(failure); };
    Result<Server> server = site_->serve({.http = std::move(options)});
    if (server)
      server_.emplace(*std::move(server));
    else
      ADD_FAILURE() << server.error().front().message;
  }
  Site(const std::string& file, HttpOptions options = {})
      : Site([&](CompositionBuilder& builder) { builder.add_component("site", file); },
             std::move(options)) {}

  [[nodiscard]] Server& server() { return *server_; }
  void close_server() { server_.reset(); }
  void close() {
    server_.reset();
    site_.reset();
  }
  [[nodiscard]] Composition& composition() { return *site_; }
  [[nodiscard]] Response ask(HttpRequest request) {
    std::optional<Response> response = server_->send(std::move(request)).wait();
    if (response) return *std::move(response);
    ADD_FAILURE() << "no outcome";
    return CallFailure();
  }
  // The body of the response to a GET, or why there is none.
  [[nodiscard]] std::string get(const std::string& path) { return text_of(ask({.target = path})); }

  static std::string text_of(Response response) {
    if (!response) return "failed: " + response.error().message;
    const CallResult<std::string> text = *response->body.read_all().wait();
    return text ? *text : "broken: " + text.error().message;
  }

  std::vector<HttpFailure> failures;

 private:
  std::optional<Composition> site_;
  std::optional<Server> server_;
};

std::string code_of(const CallFailure& failure) {
  return failure.problems.empty() ? std::string() : std::string(failure.problems.front().code);
}

TEST(HttpProgram, GuestsAnswerAsOverASocket) {
  for (const Version& version : kVersions) {
    SCOPED_TRACE(version.name);
    Site site(version.public_guest, {.listen = {"127.0.0.1:0"}});
    Response response =
        site.ask({.target = "/headers?a=b", .fields = {{"x-one", "1"}, {"x-one", "2"}}});
    ASSERT_TRUE(response) << response.error().message;
    EXPECT_EQ(response->status, 200);
    EXPECT_THAT(response->fields, Contains(Pair("x-one", "1")));
    EXPECT_THAT(response->fields, Contains(Pair("x-one", "2")));
    const std::string text = site.get("/");
    EXPECT_EQ(site.ask({.target = "/none-such"})->status, 404);
    EXPECT_EQ(site.get("/parts"), "part 0\npart 1\npart 2\npart 3\npart 4\n");
    EXPECT_EQ(site.server().counts().calls, 4u);
    std::thread serving([&] { site.server().run(); });
    std::string received = http_exchange(std::string(site.server().addresses().front()),
                                         "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    site.server().stop();
    serving.join();
    EXPECT_EQ(take_response(received).body, text);
    EXPECT_THAT(site.failures, IsEmpty());
  }
}

TEST(HttpProgram, ABodyIsReadInPartsAsTheyAreWritten) {
  for (const Version& version : kVersions) {
    SCOPED_TRACE(version.name);
    Site site(version.public_guest);
    Response response = site.ask({.target = "/parts"});
    ASSERT_TRUE(response) << response.error().message;
    EXPECT_EQ(**response->body.read().wait(), "part 0\n");
    EXPECT_EQ(**response->body.read().wait(), "part 1\n");
    // A read that is given up loses nothing.
    EXPECT_FALSE(response->body.read().wait(1ms).has_value());
    EXPECT_EQ(**response->body.read_all().wait(), "part 2\npart 3\npart 4\n");
    EXPECT_EQ(**response->body.read().wait(), "");
  }
}

// Writes a body, and counts the bytes that were taken.
Task<void> write_body(HttpBodyWriter to, std::size_t size, std::size_t& written) {
  const std::string part(100'000, 'x');
  while (written < size) {
    const std::string_view next = std::string_view(part).substr(0, size - written);
    const CallResult<bool> is_read = co_await to.write(next);
    if (!is_read || !*is_read) co_return;
    written += next.size();
  }
  EXPECT_TRUE(to.close({{"x-end", "yes"}}));
}

TEST(HttpProgram, AStreamedBodyPassesAtThePaceOfItsReader) {
  constexpr std::size_t kSize = 8 * kMiB;
  for (const Version& version : kVersions) {
    SCOPED_TRACE(version.name);
    Site site(version.public_guest);
    auto [writer, body] = make_http_body();
    std::size_t written = 0;
    write_body(std::move(writer), kSize, written).then([] {});
    EXPECT_EQ(written, 0u);
    Response response = site.ask({.method = "POST", .target = "/echo", .body = std::move(body)});
    ASSERT_TRUE(response) << response.error().message;
    std::size_t read = 0;
    std::size_t most_ahead = 0;
    while (true) {
      CallResult<std::string> part = *response->body.read().wait();
      ASSERT_TRUE(part) << part.error().message;
      if (part->empty()) break;
      read += part->size();
      most_ahead = std::max(most_ahead, written - std::min(written, read));
    }
    EXPECT_EQ(read, kSize);
    EXPECT_LT(most_ahead, 2 * kMiB);
    EXPECT_THAT(response->body.trailers(), ElementsAre(Pair("x-end", "yes")));
  }
}

TEST(HttpProgram, ATrapIsAFailureAndTheNextRequestWorks) {
  for (const Version& version : kVersions) {
    SCOPED_TRACE(version.name);
    Site site(version.answers);
    const Response trapped = site.ask({.target = "/trap"});
    ASSERT_FALSE(trapped);
    EXPECT_EQ(trapped.error().kind, CallFailure::Kind::Trap);
    EXPECT_EQ(trapped.error().unit, "site");
    const Response code = site.ask({.target = "/code"});
    ASSERT_FALSE(code);
    EXPECT_EQ(code_of(code.error()), "http-response");
    EXPECT_THAT(site.get("/"), HasSubstr("hello from " + version.name));
    EXPECT_EQ(site.failures.size(), 2u);
  }
}

TEST(HttpProgram, ABodyThatBreaksOffSaysWhy) {
  for (const Version& version : kVersions) {
    SCOPED_TRACE(version.name);
    Site site(version.answers);
    auto [writer, body] = make_http_body();
    Task<Response> sent =
        site.server().send({.method = "POST", .target = "/late", .body = std::move(body)});
    ASSERT_TRUE(**writer.write("abc").wait());
    Response response = *sent.wait();
    ASSERT_TRUE(response) << response.error().message;
    ASSERT_TRUE(writer.close());
    const CallResult<std::string> text = *response->body.read_all().wait();
    ASSERT_FALSE(text);
    EXPECT_EQ(text.error().kind, CallFailure::Kind::Trap) << text.error().message;
    EXPECT_THAT(site.get("/"), HasSubstr("hello"));
  }
}

TEST(HttpProgram, ABrokenRequestBodyEndsTheRequest) {
  for (const Version& version : kVersions) {
    SCOPED_TRACE(version.name);
    Site site(version.answers);
    Task<Response> sent = [&] {
      auto [writer, body] = make_http_body();
      Task<Response> started =
          site.server().send({.method = "POST", .target = "/wait", .body = std::move(body)});
      EXPECT_TRUE(**writer.write("abc").wait());
      return started;
    }();
    EXPECT_TRUE(sent.wait().has_value());
    EXPECT_THAT(site.get("/"), HasSubstr("hello"));
  }
}

TEST(HttpProgram, LimitsAndRulesOfHttpHold) {
  Site site(kHttp + "answers02.wat", {.body_bytes = 10});
  EXPECT_EQ(site.ask({.method = "POST", .body = "more than ten bytes"})->status, 413);
  const std::vector<std::pair<std::string, std::function<void(HttpRequest&)>>> wrong = {
      {"method", [](HttpRequest& request) { request.method = "G T"; }},
      {"target", [](HttpRequest& request) { request.target = "no/path"; }},
      {"target", [](HttpRequest& request) { request.target = "/a b"; }},
      {"authority", [](HttpRequest& request) { request.authority = "a@b"; }},
      {"authority", [](HttpRequest& request) { request.authority = ""; }},
      {"scheme", [](HttpRequest& request) { request.scheme = "ftp"; }},
      {"field", [](HttpRequest& request) { request.fields = {{"a b", "c"}}; }},
      {"field", [](HttpRequest& request) { request.fields = {{"a", "c\r\nx: y"}}; }}};
  for (const auto& [what, change] : wrong) {
    HttpRequest request;
    change(request);
    const Response response = site.ask(std::move(request));
    ASSERT_FALSE(response) << what;
    EXPECT_EQ(code_of(response.error()), "http-message");
    EXPECT_THAT(response.error().message, HasSubstr(what));
  }
  EXPECT_EQ(site.ask({.method = "CONNECT"})->status, 501);
  // Fields that frame the body are written anew.
  Site echo(kHttp + "answers02.wat");
  EXPECT_EQ(Site::text_of(echo.ask({.method = "POST",
                                    .target = "/echo",
                                    .fields = {{"content-length", "1"}, {"transfer-encoding", "x"}},
                                    .body = "abc"})),
            "abc");
}

TEST(HttpProgram, DeadlinesHold) {
  Site site([](CompositionBuilder& builder) {
    builder.add_component("site", kGuests + "wstd.wasm");
    builder.limits().call_timeout = 50ms;
  });
  const Response response = site.ask({.target = "/wait"});
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().kind, CallFailure::Kind::Deadline);
  EXPECT_THAT(response.error().limits, ElementsAre("call-timeout"));
  EXPECT_THAT(site.get("/"), HasSubstr("hello"));
}

TEST(HttpProgram, ALateRequestNamesTheLimitOfRequests) {
  Site site([](CompositionBuilder& builder) {
    builder.add_component("site", kGuests + "wstd.wasm");
    builder.limits().call_timeout = 60s;
    EXPECT_TRUE(
        builder.read_manifest_text("schema = 1\n[http]\nrequest-timeout = \"50ms\"\n", kGuests));
  });
  const Response response = site.ask({.target = "/wait"});
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().kind, CallFailure::Kind::Deadline);
  EXPECT_THAT(response.error().limits, ElementsAre("request-timeout"));
}

TEST(HttpProgram, AClientCanLeave) {
  for (const Version& version : kVersions) {
    SCOPED_TRACE(version.name);
    Site site(version.public_guest);
    {
      const Task<Response> left = site.server().send({.target = "/wait"});
    }
    Task<Response> cancelled = site.server().send({.target = "/wait"});
    cancelled.cancel();
    const Response outcome = *cancelled.wait();
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error().kind, CallFailure::Kind::Interrupted);
    {
      Response response = site.ask({.target = "/parts"});
      ASSERT_TRUE(response);
      EXPECT_EQ(**response->body.read().wait(), "part 0\n");
    }
    EXPECT_THAT(site.get("/"), HasSubstr("hello"));
    EXPECT_EQ(site.server().counts().clients_left, 2u);
    EXPECT_EQ(site.server().counts().failures, 0u);
  }
}

TEST(HttpProgram, TasksEndWithTheirServerAndTheirComposition) {
  for (const Version& version : kVersions) {
    SCOPED_TRACE(version.name);
    Site site(version.public_guest);
    Response response = site.ask({.target = "/parts"});
    ASSERT_TRUE(response);
    EXPECT_EQ(**response->body.read().wait(), "part 0\n");
    Task<Response> sent = site.server().send({.target = "/wait"});
    site.close_server();
    const Response outcome = *sent.wait();
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error().kind, CallFailure::Kind::Ended);
    // A response that has begun goes on.
    EXPECT_EQ(**response->body.read().wait(), "part 1\n");
    Task<CallResult<std::string>> reading = response->body.read_all();
    EXPECT_FALSE(reading.is_done());
    site.close();
    ASSERT_TRUE(reading.is_done());
    EXPECT_FALSE(*reading.wait());
    EXPECT_FALSE(*response->body.read().wait());
  }
}

TEST(HttpProgram, BodiesOfTheProgram) {
  HttpBody none;
  EXPECT_EQ(**none.read().wait(), "");
  EXPECT_EQ(**none.read_all().wait(), "");
  HttpBody text = "abc";
  EXPECT_EQ(**text.read_all(3).wait(), "abc");
  HttpBody longer = "abcd";
  const CallResult<std::string> all = *longer.read_all(3).wait();
  ASSERT_FALSE(all);
  EXPECT_EQ(code_of(all.error()), "value-too-large");
  // Nobody will read it.
  std::optional<Task<CallResult<bool>>> write;
  auto [writer, body] = make_http_body();
  {
    const HttpBody dropped = std::move(body);
    write.emplace(writer.write("abc"));
    EXPECT_FALSE(write->is_done());
  }
  EXPECT_FALSE(**write->wait());
  // A part of a body that was read does not come again.
  Site site(kHttp + "answers02.wat");
  HttpBody rest = "abcdef";
  EXPECT_EQ(**rest.read().wait(), "abcdef");
  EXPECT_EQ(Site::text_of(site.ask({.method = "POST", .target = "/echo", .body = std::move(rest)})),
            "");
}

TEST(HttpProgram, AServerWithoutHttpDoesNotSend) {
  CompositionBuilder builder;
  builder.add_component("site", kHttp + "answers02.wat");
  builder.prepare_http(1);
  Result<Composition> site = builder.build();
  ASSERT_TRUE(site) << site.error().front().message;
  Result<Server> server = site->serve({});
  ASSERT_TRUE(server) << server.error().front().message;
  const Response response = *server->send({}).wait();
  ASSERT_FALSE(response);
  EXPECT_EQ(code_of(response.error()), "http-handler");
}

// Handlers of the program before units and folders.

Task<Response> answer_alone(HttpRequest request, HttpNext /*next*/) {
  const CallResult<std::string> body = co_await request.body.read_all();
  HttpResponse response{.status = 201, .fields = {{"x-by", "program"}}};
  response.body = request.method + " " + request.target + " " + *body;
  co_return response;
}

Task<Response> mark(HttpRequest request, HttpNext next) {
  request.fields.emplace_back("x-in", request.peer);
  Response response = co_await next(std::move(request));
  if (response) response->fields.emplace_back("x-out", "yes");
  co_return response;
}

Task<Response> fail(HttpRequest request, HttpNext /*next*/) {
  if (request.target.ends_with("throw")) throw std::runtime_error("no answer today");
  if (request.target.ends_with("status")) co_return HttpResponse{.status = 42};
  CallFailure failure;
  failure.kind = CallFailure::Kind::Deadline;
  failure.message = "too late";
  co_return failure;
}

TEST(HttpProgram, AHandlerAnswersARoute) {
  Site site([](CompositionBuilder& builder) {
    builder.add_component("site", kHttp + "answers02.wat");
    builder.add_http_route({.path = "/own/*", .handler = answer_alone});
    builder.add_http_route({.path = "/fail/*", .handler = fail});
    builder.add_http_route({.path = "/*", .unit = "site"});
    const Result<Plan> plan = builder.plan();
    ASSERT_TRUE(plan) << plan.error().front().message;
    EXPECT_TRUE(plan->routes[0].is_of_program);
    EXPECT_FALSE(plan->routes[2].is_of_program);
  });
  Response response = site.ask({.method = "POST", .target = "/own/x?y", .body = "abc"});
  ASSERT_TRUE(response) << response.error().message;
  EXPECT_EQ(response->status, 201);
  EXPECT_THAT(response->fields, Contains(Pair("x-by", "program")));
  EXPECT_EQ(Site::text_of(std::move(response)), "POST /own/x?y abc");
  EXPECT_THAT(site.get("/fail/throw"), HasSubstr("no answer today"));
  EXPECT_THAT(site.get("/fail/late"), HasSubstr("too late"));
  EXPECT_THAT(site.get("/fail/status"), HasSubstr("status"));
  EXPECT_THAT(site.get("/"), HasSubstr("hello from 0.2"));
  EXPECT_EQ(site.failures.size(), 3u);
}

TEST(HttpProgram, AHandlerStandsBeforeAUnit) {
  for (const Version& version : kVersions) {
    SCOPED_TRACE(version.name);
    Site site(
        [&](CompositionBuilder& builder) {
          builder.add_component("site", version.public_guest);
          builder.add_http_route({.path = "/*", .handler = mark, .unit = "site"});
        },
        {.listen = {"127.0.0.1:0"}});
    Response response = site.ask({.target = "/headers"});
    ASSERT_TRUE(response) << response.error().message;
    EXPECT_THAT(response->fields, Contains(Pair("x-in", "program")));
    EXPECT_THAT(response->fields, Contains(Pair("x-out", "yes")));
    // A body passes through in both directions.
    constexpr std::size_t kSize = 4 * kMiB;
    auto [writer, body] = make_http_body();
    std::size_t written = 0;
    write_body(std::move(writer), kSize, written).then([] {});
    response = site.ask({.method = "POST", .target = "/echo", .body = std::move(body)});
    ASSERT_TRUE(response) << response.error().message;
    EXPECT_EQ((*response->body.read_all().wait())->size(), kSize);
    EXPECT_THAT(response->body.trailers(), ElementsAre(Pair("x-end", "yes")));
    const std::string url(site.server().addresses().front());
    std::thread serving([&] { site.server().run(); });
    EXPECT_THAT(http_get(url, "/headers"), HasSubstr("x-out: yes"));
    EXPECT_THAT(http_exchange(url, "HEAD / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"),
                HasSubstr("200 OK"));
    site.server().stop();
    serving.join();
    EXPECT_THAT(site.failures, IsEmpty());
  }
}

TEST(HttpProgram, AHandlerGetsTheFailureOfAUnit) {
  for (const Version& version : kVersions) {
    SCOPED_TRACE(version.name);
    std::optional<CallFailure> seen;
    Site site([&](CompositionBuilder& builder) {
      builder.add_component("site", version.answers);
      builder.add_http_route(
          {.path = "/*",
           .handler = [&seen](HttpRequest request, HttpNext next) -> Task<Response> {
             const bool hides = request.target.ends_with("hidden");
             Response response = co_await next(std::move(request));
             if (response) co_return response;
             seen = response.error();
             if (!hides) co_return response;
             co_return HttpResponse{.status = 503, .body = "later"};
           },
           .unit = "site"});
    });
    EXPECT_EQ(site.get("/trap/hidden"), "later");
    ASSERT_TRUE(seen);
    EXPECT_EQ(seen->kind, CallFailure::Kind::Trap);
    const Response trapped = site.ask({.target = "/trap"});
    ASSERT_FALSE(trapped);
    EXPECT_EQ(trapped.error().kind, CallFailure::Kind::Trap);
    EXPECT_THAT(site.get("/"), HasSubstr("hello"));
  }
}

TEST(HttpProgram, AHandlerStandsBeforeAFolder) {
  Site site([](CompositionBuilder& builder) {
    builder.add_component("site", kHttp + "answers02.wat");
    builder.add_http_route({.path = "/files/*",
                            .handler = [](HttpRequest request, HttpNext next) -> Task<Response> {
                              if (request.target == "/files/out") request.target = "/other";
                              co_return co_await next(std::move(request));
                            },
                            .folder = TENON_SOURCE_DIR "/tests/http"});
    builder.add_http_route({.path = "/*", .unit = "site"});
  });
  EXPECT_THAT(site.get("/files/answers02.wat"), HasSubstr("Answers requests of WASI 0.2"));
  EXPECT_EQ(site.ask({.target = "/files/none"})->status, 404);
  EXPECT_EQ(site.ask({.target = "/files/out"})->status, 404);
  const Response head = site.ask({.method = "HEAD", .target = "/files/answers02.wat"});
  ASSERT_TRUE(head) << head.error().message;
  EXPECT_EQ(head->status, 200);
}

TEST(HttpProgram, TheTaskOfAHandlerEndsWithItsClient) {
  bool is_gone = false;
  HttpNext kept;
  Site site([&](CompositionBuilder& builder) {
    builder.add_component("site", kGuests + "wstd.wasm");
    builder.add_http_route({.path = "/*",
                            .handler = [&](HttpRequest request, HttpNext next) -> Task<Response> {
                              const Witness witness(is_gone);
                              kept = next;
                              co_return co_await next(std::move(request));
                            },
                            .unit = "site"});
  });
  std::optional<Task<Response>> sent(site.server().send({.target = "/wait"}));
  EXPECT_FALSE(sent->wait(20ms).has_value());
  EXPECT_FALSE(is_gone);
  sent.reset();
  EXPECT_THAT(site.get("/"), HasSubstr("hello"));
  EXPECT_TRUE(is_gone);
  // Its request is over.
  const Response late = *kept({}).wait();
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().kind, CallFailure::Kind::Ended);
  is_gone = false;
  sent.emplace(site.server().send({.target = "/wait"}));
  EXPECT_FALSE(sent->wait(20ms).has_value());
  site.close_server();
  EXPECT_TRUE(is_gone);
  EXPECT_FALSE(*sent->wait());
  kept = nullptr;
}

// Handlers of the program that units import.

TEST(HttpProgram, AUnitPassesRequestsToTheProgram) {
  for (const Version& version : kVersions) {
    SCOPED_TRACE(version.name);
    Site site([&](CompositionBuilder& builder) {
      builder.add_component("middle", version.middle);
      builder.add_http_handler(answer_alone);
    });
    Response response = site.ask({.method = "POST", .target = "/program", .body = "abc"});
    ASSERT_TRUE(response) << response.error().message;
    EXPECT_EQ(response->status, 201);
    EXPECT_THAT(response->fields, Contains(Pair("x-by", "program")));
    EXPECT_EQ(Site::text_of(std::move(response)), "POST /program abc");
    // With trailers, which the program skips.
    auto [writer, body] = make_http_body();
    std::size_t written = 0;
    write_body(std::move(writer), kMiB, written).then([] {});
    EXPECT_EQ(
        Site::text_of(site.ask({.method = "PUT", .target = "/program", .body = std::move(body)}))
            .size(),
        kMiB + 13);
  }
}

TEST(HttpProgram, AFailureOfTheProgramEndsTheUnit) {
  for (const Version& version : kVersions) {
    SCOPED_TRACE(version.name);
    Site site([&](CompositionBuilder& builder) {
      builder.add_component("middle", version.middle);
      builder.add_http_handler(fail);
    });
    EXPECT_THAT(site.get("/throw"), HasSubstr("no answer today"));
    EXPECT_THAT(site.get("/status"), HasSubstr("status"));
    EXPECT_THAT(site.get("/late"), HasSubstr("too late"));
  }
}

void add_chain(CompositionBuilder& builder, const std::string& middle, const std::string& site,
               HttpHandlerFunction handler) {
  builder.add_component("middle", middle).add_component("site", site);
  builder.set_root("middle").isolate("site");
  builder.add_http_handler(std::move(handler), {.next = "site", .consumers = {"middle"}});
}

TEST(HttpProgram, AHandlerStandsBetweenTwoUnits) {
  for (const Version& first : kVersions)
    for (const Version& second : kVersions) {
      // The two can have different versions of WASI, because plain HTTP passes between them.
      SCOPED_TRACE(first.name + " before " + second.name);
      Site site([&](CompositionBuilder& builder) {
        add_chain(builder, first.middle, second.public_guest, mark);
      });
      Response response = site.ask({.target = "/headers", .fields = {{"x-one", "1"}}});
      ASSERT_TRUE(response) << response.error().message;
      EXPECT_THAT(response->fields, Contains(Pair("x-in", "main")));
      EXPECT_THAT(response->fields, Contains(Pair("x-out", "yes")));
      EXPECT_THAT(response->fields, Contains(Pair("x-one", "1")));
      constexpr std::size_t kSize = 4 * kMiB;
      auto [writer, body] = make_http_body();
      std::size_t written = 0;
      write_body(std::move(writer), kSize, written).then([] {});
      response = site.ask({.method = "POST", .target = "/echo", .body = std::move(body)});
      ASSERT_TRUE(response) << response.error().message;
      EXPECT_EQ((*response->body.read_all().wait())->size(), kSize);
      EXPECT_THAT(response->body.trailers(), ElementsAre(Pair("x-end", "yes")));
      // Many at once, more than there are instances.
      std::vector<Task<Response>> all;
      for (int i = 0; i < 12; ++i) all.push_back(site.server().send({.target = "/wait"}));
      for (Task<Response>& one : all) EXPECT_EQ(Site::text_of(*one.wait()), "waited\n");
      EXPECT_THAT(site.failures, IsEmpty());
    }
}

TEST(HttpProgram, FailuresPassThroughAChain) {
  for (const Version& version : kVersions) {
    SCOPED_TRACE(version.name);
    Site site([&](CompositionBuilder& builder) {
      add_chain(builder, version.middle, version.answers, mark);
    });
    const Response trapped = site.ask({.target = "/trap"});
    ASSERT_FALSE(trapped);
    EXPECT_EQ(trapped.error().unit, "site");
    EXPECT_THAT(site.get("/"), HasSubstr("hello from " + version.name));
    {
      const Task<Response> left = site.server().send({.target = "/"});
    }
    EXPECT_THAT(site.get("/"), HasSubstr("hello from " + version.name));
  }
}

// Handlers of the program in place of the network.

// Units that send each request on, to the URL in its field `x-target`; an error is the body of 502.
std::string gateway(const Version& version) {
  return kGuests + (version.name == "0.2" ? "gateway02.wasm" : "gateway03.wasm");
}

HttpRequest to_network(std::string url, HttpBody body = {}) {
  return {.method = "POST",
          .fields = {{"x-target", std::move(url)}, {"x-send-x-one", "1"}},
          .body = std::move(body)};
}

TEST(HttpProgram, TheProgramAnswersRequestsThatUnitsSend) {
  for (const Version& version : kVersions) {
    SCOPED_TRACE(version.name);
    std::vector<std::string> received;
    Site site([&](CompositionBuilder& builder) {
      builder.add_component("site", gateway(version));
      builder.add_http_client([&](HttpRequest request, HttpNext next) -> Task<Response> {
        EXPECT_FALSE(next);
        EXPECT_EQ(request.number, 0u);
        EXPECT_THAT(request.fields, Contains(Pair("x-one", "1")));
        received.push_back(request.scheme + "://" + request.authority + request.target);
        co_return co_await answer_alone(std::move(request), nullptr);
      });
    });
    const auto is_of_program = [](const PlanEdge& edge) {
      return edge.provider == "program" && edge.import.starts_with("wasi:http/");
    };
    EXPECT_EQ(std::ranges::count_if(site.composition().plan().edges, is_of_program), 1);
    Response response = site.ask(to_network("https://api.example:8443/a?b", "abc"));
    ASSERT_TRUE(response) << response.error().message;
    EXPECT_EQ(response->status, 201);
    EXPECT_THAT(response->fields, Contains(Pair("x-by", "program")));
    EXPECT_EQ(Site::text_of(std::move(response)), "POST /a?b abc");
    EXPECT_THAT(received, ElementsAre("https://api.example:8443/a?b"));
    // A body that does not fit into buffers.
    auto [writer, body] = make_http_body();
    std::size_t written = 0;
    write_body(std::move(writer), kMiB, written).then([] {});
    response = site.ask(to_network("http://api.example/", std::move(body)));
    EXPECT_EQ(Site::text_of(std::move(response)).size(), kMiB + 7);
    EXPECT_THAT(site.failures, IsEmpty());
  }
}

TEST(HttpProgram, AFailureOfTheProgramIsAnErrorForTheUnitThatSends) {
  for (const Version& version : kVersions) {
    SCOPED_TRACE(version.name);
    Site site([&](CompositionBuilder& builder) {
      builder.add_component("site", gateway(version));
      builder.add_http_client(fail);
    });
    for (const std::string path : {"/throw", "/status", "/late"}) {
      SCOPED_TRACE(path);
      Response response = site.ask(to_network("http://api.example" + path));
      ASSERT_TRUE(response) << response.error().message;
      EXPECT_EQ(response->status, 502);
      EXPECT_THAT(Site::text_of(std::move(response)),
                  HasSubstr(path == "/late" ? "Timeout" : "InternalError"));
    }
    // The unit has answered, so no request has failed.
    EXPECT_EQ(site.server().counts().failures, 0u);
    ASSERT_EQ(site.failures.size(), 3u);
    for (const HttpFailure& failure : site.failures) EXPECT_EQ(failure.number, 0u);
    const auto diagnose = [&](std::size_t i) {
      return failure_diagnostic(site.failures[i].failure).message;
    };
    EXPECT_THAT(diagnose(0), AllOf(HasSubstr("`program` trapped in `wasi:http/"),
                                   HasSubstr("the handler of the program threw no answer today")));
    EXPECT_THAT(diagnose(1), HasSubstr("status"));
    EXPECT_THAT(diagnose(2), HasSubstr("too late"));
  }
}

TEST(HttpProgram, AFailureOfTheProgramIsLoggedIfNoServerWantsIt) {
  for (const Version& version : kVersions) {
    SCOPED_TRACE(version.name);
    std::vector<std::string> lines;
    CompositionBuilder builder;
    builder.prepare_http(1).add_component("site", gateway(version)).add_http_client(fail);
    Result<Composition> site = builder.build(
        {.cache_dir = {}, .on_log = [&](std::string_view line) { lines.emplace_back(line); }});
    ASSERT_TRUE(site);
    Result<Server> server = site->serve({.http = {.in_process = true}});
    ASSERT_TRUE(server);
    EXPECT_TRUE(server->send(to_network("http://api.example/throw")).wait()->has_value());
    EXPECT_THAT(lines, ElementsAre(AllOf(StartsWith("a request of `site` was not answered: "),
                                         HasSubstr("threw no answer today"))));
  }
}

// An awaitable that never completes.
struct Never {
  [[nodiscard]] static bool await_ready() noexcept { return false; }
  static void await_suspend(std::coroutine_handle<> /*waiter*/) noexcept {}
  static void await_resume() noexcept {}
};

TEST(HttpProgram, TheTaskOfAHandlerEndsWithTheUnitThatSends) {
  for (const Version& version : kVersions) {
    SCOPED_TRACE(version.name);
    bool is_gone = false;
    bool has_begun = false;
    Site site([&](CompositionBuilder& builder) {
      builder.add_component("site", gateway(version));
      builder.add_http_client([&](HttpRequest /*request*/, HttpNext /*next*/) -> Task<Response> {
        const Witness witness(is_gone);
        has_begun = true;
        co_await Never();
        co_return HttpResponse();
      });
    });
    std::optional<Task<Response>> sent;
    const auto send = [&] {
      has_begun = false;
      sent.emplace(site.server().send(to_network("http://api.example/")));
      for (int i = 0; i < 1000 && !has_begun; ++i) EXPECT_FALSE(sent->wait(20ms).has_value());
      EXPECT_TRUE(has_begun);
    };
    send();
    EXPECT_FALSE(is_gone);
    sent.reset();
    // A thread of the engine tells the program.
    for (int i = 0; i < 1000 && !is_gone; ++i)
      EXPECT_EQ(site.ask({.target = "/"})->status, 502);  // without a target
    EXPECT_TRUE(is_gone);
    // The same at the end of the composition.
    is_gone = false;
    send();
    site.close();
    EXPECT_TRUE(is_gone);
  }
}

TEST(HttpProgram, ARequestThatAUnitSendsCanReachAnotherUnit) {
  for (const Version& version : kVersions) {
    SCOPED_TRACE(version.name);
    Site site([&](CompositionBuilder& builder) {
      builder.add_component("gateway", gateway(version)).add_component("site", version.answers);
      builder.set_root("gateway").isolate("site");
      builder.add_http_client(mark, {.next = "site", .consumers = {"gateway"}});
    });
    Response response = site.ask(to_network("http://site/"));
    ASSERT_TRUE(response) << response.error().message;
    EXPECT_THAT(response->fields, Contains(Pair("x-out", "yes")));
    EXPECT_THAT(Site::text_of(std::move(response)), HasSubstr("hello from " + version.name));
  }
}

std::string problem_of(const std::function<void(CompositionBuilder&)>& describe) {
  CompositionBuilder builder;
  describe(builder);
  const Result<Composition> built = builder.build();
  return built ? "none"
               : std::string(built.error().front().code) + ": " + built.error().front().message;
}

TEST(HttpProgram, AHandlerNeedsAUnitBehindItThatCanAnswer) {
  const auto chain = [](CompositionBuilder& builder, const std::string& next) {
    builder.add_component("middle", kHttp + "middle02.wat");
    builder.add_component("site", kHttp + "answers02.wat");
    builder.set_root("middle").prepare_http(2);
    builder.add_http_handler(mark, {.next = next, .consumers = {"middle"}});
  };
  EXPECT_THAT(problem_of([&](CompositionBuilder& builder) { chain(builder, "none"); }),
              HasSubstr("http-handler: `none` cannot be behind a handler of the program"));
  EXPECT_THAT(problem_of([&](CompositionBuilder& builder) { chain(builder, "site"); }),
              HasSubstr("it is in the domain"));
  EXPECT_THAT(problem_of([&](CompositionBuilder& builder) {
                add_chain(builder, kHttp + "middle02.wat", kHttp + "answers02.wat", mark);
              }),
              HasSubstr("built without instances"));
}

}  // namespace
}  // namespace tenon::http_program_test
