// Requests that the program sends without a connection, and those that it answers itself.
//
//   HttpServer server = ...;
//   TENON_TRY(HttpSent sent, server.send({.target = "/"}));
//   std::optional<HttpMessage> response = sent.poll(wake);   // nothing: again after `wake` was called
//   HttpBody::Part part = response->body->read(wake);        // the same
//
// Bodies pass in parts, as they are read. Whoever waits gives a function that is called when another try is worth
// it: on any thread and within anything, so it may only note that, and needs no memory. It can be called more than once.
//
// Thread: one at a time.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "engine/http.h"
#include "engine/wasi_resource.h"
#include "tenon/result.h"

namespace tenon::engine {

using Wake = std::function<void()>;

// Move-only. Whoever writes it notices when it is destroyed.
class HttpBody final {
 public:
  struct Impl;

  explicit HttpBody(std::string_view content);
  HttpBody(HttpBody&&) noexcept;
  HttpBody& operator=(HttpBody&&) noexcept;
  ~HttpBody();

  struct Part {
    enum class Kind : std::uint8_t { Waits, Data, End, Broken } kind = Kind::Waits;
    std::string data = {};  // not empty; or why it broke off
    HttpFields trailers = {};
  };
  // The next part as it was written. At the end, that comes again and again.
  [[nodiscard]] Part read(const Wake& wake);

  // For the sources of this folder alone.
  explicit HttpBody(std::unique_ptr<Impl> impl);
  [[nodiscard]] Impl& impl() { return *impl_; }

 private:
  std::unique_ptr<Impl> impl_;
};

// Writes a body. Move-only. A body whose end was not written breaks off when this is destroyed.
class HttpPipe final {
 public:
  struct Impl;

  [[nodiscard]] static std::pair<HttpPipe, HttpBody> make();
  HttpPipe(HttpPipe&&) noexcept;
  HttpPipe& operator=(HttpPipe&&) noexcept;
  ~HttpPipe();

  enum class Written : std::uint8_t { No, Yes, NobodyReads };
  // Writes a part, unless the previous one was not read.
  [[nodiscard]] Written write(std::string_view part, const Wake& wake);
  // Ends the body. Errors: http-message, for a field that is not valid.
  [[nodiscard]] Result<void> end(const HttpFields& trailers);

 private:
  explicit HttpPipe(std::unique_ptr<Impl> impl);

  std::unique_ptr<Impl> impl_;
};

// A request or a response. Fields that frame the body, and `host`, are left out when it is sent.
struct HttpMessage {
  std::uint16_t status = 0;  // of a response; 0: a request, to which the next four belong
  std::string method = "GET";
  std::string target = "/";
  std::string authority = "localhost";
  bool is_https = false;
  HttpFields fields = {};
  std::optional<HttpBody> body = {};  // nothing: it is empty
  // A received response that says only its status: the server's own, or that of `HttpRequest::refuse`.
  bool is_refusal = false;
};

// A request that was sent. Move-only. If it is destroyed before it has a response, its client has left.
class HttpSent final {
 public:
  struct Impl;

  HttpSent(HttpSent&&) noexcept;
  HttpSent& operator=(HttpSent&&) noexcept;
  ~HttpSent();

  [[nodiscard]] std::uint64_t number() const;
  // The response, once; nothing while it has to wait.
  // Failures: Ended: the server was destroyed.
  [[nodiscard]] std::optional<CallResult<HttpMessage>> poll(const Wake& wake);

  // For the sources of this folder alone.
  explicit HttpSent(std::unique_ptr<Impl> impl);
  [[nodiscard]] Impl& impl() { return *impl_; }

 private:
  std::unique_ptr<Impl> impl_;
};

// Errors, here and for the others: http-message, for what is not valid in HTTP.
[[nodiscard]] Result<HttpSent> send(const HttpServer& server, HttpMessage request);

// A request for a handler, and where its response comes.
struct HttpPassed {
  HttpRequest request;
  HttpSent sent;
};
// origin: the request that it takes the place of, with its number, its peer and its place in its queue.
[[nodiscard]] Result<HttpPassed> pass_on(HttpMessage request, const HttpRequest& origin);
// The same without one.
[[nodiscard]] Result<HttpPassed> pass_on(HttpMessage request, std::string_view peer);

// Takes the content of a request, which then can be handled by no handler. REQUIRES: none has it
[[nodiscard]] HttpMessage take(const HttpRequest& request);
// Answers, if nothing has answered.
[[nodiscard]] Result<void> answer(const HttpRequest& request, HttpMessage response);

// Whether nobody wants the answer any more, or it was given; otherwise `wake` is called then.
[[nodiscard]] bool is_over(const HttpRequest& request, const Wake& wake);

// The request that a guest passes to a handler, or sends, in 0.2 or 0.3. Errors: http-message.
[[nodiscard]] Result<HttpMessage> read_request(WasiResource request);
// Answers a request of 0.2. out: a response-outparam.
[[nodiscard]] Result<void> set_response(WasiResource out, HttpMessage response);
// The same for 0.3.
[[nodiscard]] Result<WasiResource> make_response(HttpMessage response);
// Makes a future-incoming-response, which a guest of 0.2 waits for after it has sent a request. If the guest drops it,
// the client of the request leaves. A refusal is an error for the guest.
[[nodiscard]] Result<WasiResource> make_future_response(HttpSent sent);

}  // namespace tenon::engine
