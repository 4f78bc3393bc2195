// Requests without a connection, answered by a function.
#include "engine/http_message.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <condition_variable>
#include <cstddef>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tenon::engine::http_message_test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;
using Kind = HttpBody::Part::Kind;
using Written = HttpPipe::Written;

constexpr HttpServerLimits kLimits = {.connections = 1,
                                      .body_bytes = 100,
                                      .header_bytes = 8192,
                                      .header_ms = 10'000,
                                      .idle_ms = 10'000};
constexpr std::array kQueues = {HttpQueue{.requests = 1, .client_waiting = 8}};

// Counts wakes, which can come from any thread.
class Waker final {
 public:
  [[nodiscard]] Wake wake() {
    return [this] {
      const std::lock_guard lock(mutex_);
      ++count_;
      woken_.notify_all();
    };
  }
  [[nodiscard]] int count() {
    const std::lock_guard lock(mutex_);
    return count_;
  }
  void wait() {
    std::unique_lock lock(mutex_);
    woken_.wait(lock, [this] { return count_ != seen_; });
    seen_ = count_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable woken_;
  int count_ = 0;
  int seen_ = 0;
};

HttpServer make_server(std::function<void(HttpRequest)> answer) {
  return HttpServer::make(
      kLimits, kQueues,
      {.route = [](const HttpRequest&) { return std::size_t{0}; }, .request = std::move(answer)});
}

CallResult<HttpMessage> wait_for(HttpSent& sent) {
  Waker waker;
  while (true) {
    if (auto response = sent.poll(waker.wake())) return *std::move(response);
    waker.wait();
  }
}

std::string read_all(HttpBody& body) {
  Waker waker;
  std::string all;
  while (true) {
    HttpBody::Part part = body.read(waker.wake());
    switch (part.kind) {
      case Kind::Waits:
        waker.wait();
        break;
      case Kind::Data:
        all += part.data;
        break;
      case Kind::End:
        return all;
      case Kind::Broken:
        return all + "(broken)";
    }
  }
}

TEST(HttpMessage, ABodyIsReadToItsEnd) {
  HttpBody body("abc");
  const HttpBody::Part part = body.read([] {});
  EXPECT_EQ(part.kind, Kind::Data);
  EXPECT_EQ(part.data, "abc");
  EXPECT_EQ(body.read([] {}).kind, Kind::End);
  EXPECT_EQ(body.read([] {}).kind, Kind::End);
}

TEST(HttpMessage, APipeHoldsOnePart) {
  auto [pipe, body] = HttpPipe::make();
  Waker writer;
  Waker reader;
  EXPECT_EQ(body.read(reader.wake()).kind, Kind::Waits);
  EXPECT_EQ(pipe.write("a", writer.wake()), Written::Yes);
  EXPECT_EQ(reader.count(), 1);
  EXPECT_EQ(pipe.write("b", writer.wake()), Written::No);
  EXPECT_EQ(writer.count(), 0);
  EXPECT_EQ(body.read(reader.wake()).data, "a");
  EXPECT_EQ(writer.count(), 1);
  EXPECT_EQ(pipe.write("b", writer.wake()), Written::Yes);
  EXPECT_EQ(body.read(reader.wake()).data, "b");
  ASSERT_TRUE(pipe.end({{"x-end", "yes"}, {"content-length", "1"}}));
  EXPECT_EQ(pipe.write("c", writer.wake()), Written::NobodyReads);
  const HttpBody::Part end = body.read(reader.wake());
  EXPECT_EQ(end.kind, Kind::End);
  EXPECT_THAT(end.trailers, ElementsAre(Pair("x-end", "yes")));
  EXPECT_EQ(body.read(reader.wake()).kind, Kind::End);
}

TEST(HttpMessage, EachEndOfAPipeNoticesTheOther) {
  std::optional<std::pair<HttpPipe, HttpBody>> pipe(HttpPipe::make());
  Waker waker;
  EXPECT_EQ(pipe->first.write("a", waker.wake()), Written::Yes);
  EXPECT_EQ(pipe->first.write("b", waker.wake()), Written::No);
  {
    const HttpBody left = std::move(pipe->second);
  }
  EXPECT_EQ(waker.count(), 1);
  EXPECT_EQ(pipe->first.write("b", waker.wake()), Written::NobodyReads);
  auto [broken, body] = HttpPipe::make();
  EXPECT_EQ(body.read(waker.wake()).kind, Kind::Waits);
  {
    const HttpPipe gone = std::move(broken);
  }
  EXPECT_EQ(waker.count(), 2);
  EXPECT_EQ(body.read(waker.wake()).kind, Kind::Broken);
}

TEST(HttpMessage, ARequestIsAnsweredWithoutAConnection) {
  const HttpServer server = make_server([](HttpRequest request) {
    EXPECT_EQ(request.peer(), "program");
    EXPECT_EQ(request.authority(), "example.org");
    EXPECT_EQ(request.field("x-a").value_or(""), "1, 2");
    EXPECT_FALSE(request.field("host"));
    HttpMessage message = take(request);
    EXPECT_TRUE(message.is_https);
    EXPECT_EQ(message.target, "/path?query");
    EXPECT_TRUE(answer(request, {.status = 201,
                                 .fields = {{"content-length", "99"}, {"x-b", "3"}},
                                 .body = std::move(message.body)}));
  });
  Result<HttpSent> sent = send(server, {.method = "POST",
                                        .target = "/path?query",
                                        .authority = "example.org",
                                        .is_https = true,
                                        .fields = {{"X-A", "1"}, {"x-a", "2"}, {"host", "other"}},
                                        .body = HttpBody("abc")});
  ASSERT_TRUE(sent) << sent.error().front().message;
  EXPECT_EQ(sent->number(), 1u);
  CallResult<HttpMessage> response = wait_for(*sent);
  ASSERT_TRUE(response);
  EXPECT_EQ(response->status, 201);
  EXPECT_FALSE(response->is_refusal);
  EXPECT_THAT(response->fields,
              testing::UnorderedElementsAre(Pair("x-b", "3"), Pair("content-length", "3")));
  EXPECT_EQ(read_all(*response->body), "abc");
}

TEST(HttpMessage, ARequestIsPassedOnInItsPlace) {
  std::vector<HttpRequest> behind;
  std::optional<HttpRequest> first;
  std::optional<HttpSent> inner;
  const HttpServer server = make_server([&](HttpRequest request) {
    Result<HttpPassed> passed = pass_on(take(request), request);
    ASSERT_TRUE(passed);
    EXPECT_EQ(passed->request.number(), request.number());
    first.emplace(std::move(request));
    inner.emplace(std::move(passed->sent));
    behind.push_back(std::move(passed->request));
  });
  Result<HttpSent> sent = send(server, {});
  ASSERT_TRUE(sent);
  Waker waker;
  EXPECT_FALSE(sent->poll(waker.wake()));
  ASSERT_EQ(behind.size(), 1u);
  ASSERT_TRUE(behind.front().respond({.status = 200, .body = "inner"}));
  CallResult<HttpMessage> response = wait_for(*inner);
  ASSERT_TRUE(response);
  ASSERT_TRUE(answer(*first, *std::move(response)));
  CallResult<HttpMessage> outer = wait_for(*sent);
  ASSERT_TRUE(outer);
  EXPECT_EQ(read_all(*outer->body), "inner");
  // There is one place in the queue, and the request behind has it.
  first.reset();
  Result<HttpSent> next = send(server, {});
  ASSERT_TRUE(next);
  EXPECT_FALSE(next->poll(waker.wake()));
  EXPECT_EQ(behind.size(), 1u);
  behind.clear();
  EXPECT_FALSE(next->poll(waker.wake()));
  EXPECT_EQ(behind.size(), 1u);
}

TEST(HttpMessage, RefusalsAreMarked) {
  const HttpServer server = make_server([](const HttpRequest& request) { request.refuse(503); });
  Result<HttpSent> sent = send(server, {});
  ASSERT_TRUE(sent);
  CallResult<HttpMessage> response = wait_for(*sent);
  ASSERT_TRUE(response);
  EXPECT_EQ(response->status, 503);
  EXPECT_TRUE(response->is_refusal);
  Result<HttpSent> large = send(server, {.body = HttpBody(std::string(101, 'x'))});
  ASSERT_TRUE(large);
  EXPECT_EQ(wait_for(*large)->status, 413);
}

TEST(HttpMessage, TheEndOfAServerIsNoticed) {
  std::vector<HttpRequest> kept;
  std::optional<HttpServer> server(
      make_server([&](HttpRequest request) { kept.push_back(std::move(request)); }));
  Result<HttpSent> sent = send(*server, {});
  ASSERT_TRUE(sent);
  Waker waker;
  EXPECT_FALSE(sent->poll(waker.wake()));
  EXPECT_EQ(kept.size(), 1u);
  server.reset();
  EXPECT_NE(waker.count(), 0);
  const CallResult<HttpMessage> none = wait_for(*sent);
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().kind, CallFailure::Kind::Ended);
}

TEST(HttpMessage, WhatIsNotHttpIsNotSent) {
  const HttpServer server = make_server([](HttpRequest) {});
  const auto problem_of = [&](HttpMessage message) {
    const Result<HttpSent> sent = send(server, std::move(message));
    return sent ? std::string() : std::string(sent.error().front().message);
  };
  EXPECT_THAT(problem_of({.method = ""}), HasSubstr("method"));
  EXPECT_THAT(problem_of({.target = "a"}), HasSubstr("target"));
  EXPECT_THAT(problem_of({.target = "/\r\n"}), HasSubstr("target"));
  EXPECT_THAT(problem_of({.authority = "a:b:c"}), HasSubstr("authority"));
  EXPECT_THAT(problem_of({.fields = {{"", "x"}}}), HasSubstr("field"));
  EXPECT_THAT(problem_of({.fields = {{"x", std::string("\0", 1)}}}), HasSubstr("`x`"));
  EXPECT_THAT(problem_of({.status = 200}), HasSubstr("response"));
  EXPECT_THAT(problem_of({.method = "OPTIONS", .target = "*"}), IsEmpty());
}

}  // namespace
}  // namespace tenon::engine::http_message_test
