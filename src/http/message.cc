#include "http/message.h"

#include <algorithm>
#include <utility>

#include "engine/http_message.h"
#include "runtime/woken_task.h"
#include "support/diagnostics.h"
#include "support/try.h"

namespace tenon {

namespace {

using engine::Wake;
using runtime::WokenTask;

constexpr std::size_t kPartBytes = std::size_t{64} << 10;

Diagnostic refuse_body(std::string_view why) {
  return make_diagnostic(Code::HttpMessage, "the body {}", why);
}

}  // namespace

struct detail::HttpBodyState {
  std::optional<engine::HttpBody> body;  // absent: it was sent
  http::Composition composition = {};
  runtime::HttpFatePtr fate = {};     // of the call that writes it; null: there is none
  runtime::TaskHomePtr writers = {};  // of a body that the program writes, until it is sent
  HttpFields trailers = {};
  bool is_read = false;  // now

  HttpBodyState() = default;
  HttpBodyState(const HttpBodyState&) = delete;
  HttpBodyState& operator=(const HttpBodyState&) = delete;
  ~HttpBodyState() {
    body.reset();
    // Nobody will read it.
    if (writers != nullptr) writers->set({});
  }
};

struct detail::HttpPipeState {
  engine::HttpPipe pipe;
  runtime::TaskHomePtr writers = std::make_shared<runtime::TaskHome>();
  bool is_written = false;  // now
};

namespace {

using BodyPtr = std::shared_ptr<detail::HttpBodyState>;

// In progress as long as it exists.
class Busy final {
 public:
  explicit Busy(bool& flag) : flag_(flag) { flag_ = true; }
  Busy(const Busy&) = delete;
  Busy& operator=(const Busy&) = delete;
  ~Busy() { flag_ = false; }

 private:
  bool& flag_;
};

// A read or write of a body, which keeps what it works on.
template <class State>
struct Operation {
  Operation(std::shared_ptr<State> of, bool& flag) : state(std::move(of)), busy(flag) {}

  std::shared_ptr<State> state;
  Busy busy;
};

CallFailure break_off(const detail::HttpBodyState& state, const std::string& why) {
  if (state.fate != nullptr && state.fate->failure()) return *state.fate->failure();
  return runtime::make_failure(CallFailure::Kind::Ended, "the body broke off: " + why);
}

// Reads parts, until `take` has enough. take: is called with each part, and with an empty text at the end.
Task<CallResult<std::string>> start_read(
    const BodyPtr& state,
    std::function<std::optional<CallResult<std::string>>(std::string part)> take) {
  using Read = WokenTask<std::string>;
  if (state == nullptr)
    return Read::start(http::Composition(),
                       [take = std::move(take)](const Wake&) { return take({}); });
  if (!state->body) return Read::fail(http::refuse_call({refuse_body("was sent")}));
  if (state->is_read) return Read::fail(http::refuse_call({refuse_body("is being read")}));
  auto read = std::make_shared<Operation<detail::HttpBodyState>>(state, state->is_read);
  return Read::start(
      state->composition,
      [read, take = std::move(take)](const Wake& wake) -> std::optional<CallResult<std::string>> {
        detail::HttpBodyState& from = *read->state;
        using Kind = engine::HttpBody::Part::Kind;
        while (true) {
          engine::HttpBody::Part part = from.body->read(wake);
          switch (part.kind) {
            case Kind::Waits:
              return std::nullopt;
            case Kind::Broken:
              return break_off(from, part.data);
            case Kind::End:
              if (!part.trailers.empty()) from.trailers = std::move(part.trailers);
              part.data.clear();
              break;
            case Kind::Data:
              break;
          }
          const bool is_end = part.kind == Kind::End;
          std::optional<CallResult<std::string>> taken = take(std::move(part.data));
          if (taken || is_end) return taken;
        }
      });
}

}  // namespace

HttpBody::HttpBody(std::string_view content) {
  if (content.empty()) return;
  state_ = std::make_shared<detail::HttpBodyState>();
  state_->body.emplace(content);
}

Task<CallResult<std::string>> HttpBody::read() {
  return start_read(state_, [](std::string part) {
    return std::optional(CallResult<std::string>(std::move(part)));
  });
}

Task<CallResult<std::string>> HttpBody::read_all(std::size_t most) {
  return start_read(state_,
                    [all = std::make_shared<std::string>(),
                     most](const std::string& part) -> std::optional<CallResult<std::string>> {
                      if (part.empty()) return std::move(*all);
                      if (part.size() > most - all->size())
                        return http::refuse_call({make_diagnostic(
                            Code::ValueTooLarge, "the body has more than {} bytes", most)});
                      all->append(part);
                      return std::nullopt;
                    });
}

const HttpFields& HttpBody::trailers() const {
  static const HttpFields kNone;
  return state_ == nullptr ? kNone : state_->trailers;
}

Task<CallResult<bool>> HttpBodyWriter::write(std::string_view bytes) {
  using Write = WokenTask<bool>;
  if (state_ == nullptr) return Write::fail(http::refuse_call({refuse_body("has ended")}));
  if (state_->is_written) return Write::fail(http::refuse_call({refuse_body("is being written")}));
  auto write = std::make_shared<Operation<detail::HttpPipeState>>(state_, state_->is_written);
  return Write::start(state_->writers,
                      [write, rest = std::make_shared<std::string_view>(bytes)](
                          const Wake& wake) -> std::optional<CallResult<bool>> {
                        using Written = engine::HttpPipe::Written;
                        while (!rest->empty()) {
                          const std::string_view part = rest->substr(0, kPartBytes);
                          switch (write->state->pipe.write(part, wake)) {
                            case Written::No:
                              return std::nullopt;
                            case Written::NobodyReads:
                              return false;
                            case Written::Yes:
                              rest->remove_prefix(part.size());
                          }
                        }
                        return true;
                      });
}

Result<void> HttpBodyWriter::close(const HttpFields& trailers) {
  if (state_ == nullptr) return {};
  TENON_TRY_VOID(state_->pipe.end(trailers));
  state_.reset();
  return {};
}

std::pair<HttpBodyWriter, HttpBody> make_http_body() {
  auto [pipe, written] = engine::HttpPipe::make();
  auto writer = std::make_shared<detail::HttpPipeState>(detail::HttpPipeState{std::move(pipe)});
  auto body = std::make_shared<detail::HttpBodyState>();
  body->body.emplace(std::move(written));
  body->writers = writer->writers;
  return {HttpBodyWriter(std::move(writer)), HttpBody(std::move(body))};
}

namespace http {

namespace {

HttpBody to_body(std::optional<engine::HttpBody> body, const Composition& composition,
                 runtime::HttpFatePtr fate) {
  if (!body) return {};
  auto state = std::make_shared<detail::HttpBodyState>();
  state->body = std::move(body);
  state->composition = composition;
  state->fate = std::move(fate);
  return HttpBody(std::move(state));
}

// Errors: http-message.
Result<std::optional<engine::HttpBody>> from_body(HttpBody body, const Composition& composition) {
  const BodyPtr state = body.take();
  if (state == nullptr) return std::optional<engine::HttpBody>();
  if (!state->body) return refuse_body("was sent before");
  if (state->is_read) return refuse_body("is being read");
  std::optional<engine::HttpBody> sent = std::exchange(state->body, std::nullopt);
  if (const runtime::TaskHomePtr writers = std::exchange(state->writers, nullptr))
    writers->set(composition);
  return sent;
}

}  // namespace

CallFailure refuse_call(Diagnostics problems) {
  CallFailure failure = runtime::make_failure(CallFailure::Kind::BadCall, problems.front().message);
  failure.problems = std::move(problems);
  return failure;
}

Result<engine::HttpMessage> to_message(HttpRequest request, const Composition& composition) {
  if (request.scheme != "http" && request.scheme != "https")
    return make_diagnostic(Code::HttpMessage, "the scheme is `http` or `https`, and not `{}`",
                           request.scheme);
  TENON_TRY(std::optional<engine::HttpBody> body, from_body(std::move(request.body), composition));
  return engine::HttpMessage{.method = std::move(request.method),
                             .target = std::move(request.target),
                             .authority = std::move(request.authority),
                             .is_https = request.scheme == "https",
                             .fields = std::move(request.fields),
                             .body = std::move(body)};
}

Result<engine::HttpMessage> to_message(HttpResponse response, const Composition& composition) {
  if (response.status == 0)
    return make_diagnostic(Code::HttpMessage, "the status of a response is 200 or more");
  TENON_TRY(std::optional<engine::HttpBody> body, from_body(std::move(response.body), composition));
  return engine::HttpMessage{
      .status = response.status, .fields = std::move(response.fields), .body = std::move(body)};
}

HttpRequest to_request(engine::HttpMessage message, const Composition& composition) {
  return {.method = std::move(message.method),
          .target = std::move(message.target),
          .authority = std::move(message.authority),
          .scheme = message.is_https ? "https" : "http",
          .fields = std::move(message.fields),
          .body = to_body(std::move(message.body), composition, nullptr)};
}

HttpResponse to_response(engine::HttpMessage message, const Composition& composition,
                         runtime::HttpFatePtr fate) {
  return {.status = message.status,
          .fields = std::move(message.fields),
          .body = to_body(std::move(message.body), composition, std::move(fate))};
}

Task<CallResult<HttpResponse>> receive(runtime::ReceiveResponse response, Composition composition) {
  return WokenTask<HttpResponse>::start(
      composition,
      [response = std::move(response),
       composition](const Wake& wake) -> std::optional<CallResult<HttpResponse>> {
        std::optional<CallResult<runtime::HttpReceived>> received = response(wake);
        if (!received) return std::nullopt;
        if (!*received) return std::move(*received).error();
        return to_response(std::move((*received)->message), composition,
                           std::move((*received)->fate));
      });
}

namespace {

Task<CallResult<HttpResponse>> pass_on(const runtime::PassOn& next, HttpRequest request,
                                       const Composition& composition) {
  using Passed = WokenTask<HttpResponse>;
  Result<engine::HttpMessage> message = to_message(std::move(request), composition);
  if (!message) return Passed::fail(refuse_call(std::move(message).error()));
  CallResult<runtime::ReceiveResponse> response = next(*std::move(message));
  if (!response) return Passed::fail(std::move(response).error());
  return receive(*std::move(response), composition);
}

// The handler lives as long as the task: its coroutine refers to what it has captured.
Task<CallResult<engine::HttpMessage>> answer(std::shared_ptr<const HttpHandlerFunction> handler,
                                             runtime::HandledRequest handled,
                                             Composition composition) {
  HttpRequest request = to_request(std::move(handled.message), composition);
  request.peer = std::move(handled.peer);
  request.number = handled.number;
  HttpNext next;
  if (handled.next != nullptr)
    next = [pass = std::move(handled.next), composition](HttpRequest passed) {
      return pass_on(pass, std::move(passed), composition);
    };
  CallResult<HttpResponse> response = co_await (*handler)(std::move(request), std::move(next));
  if (!response) co_return std::move(response).error();
  Result<engine::HttpMessage> message = to_message(*std::move(response), composition);
  if (!message) co_return refuse_call(std::move(message).error());
  co_return *std::move(message);
}

}  // namespace

runtime::ProgramHandler adapt_handler(HttpHandlerFunction handler, Composition composition) {
  return [handler = std::make_shared<const HttpHandlerFunction>(std::move(handler)),
          composition = std::move(composition)](runtime::HandledRequest request) {
    return answer(handler, std::move(request), composition);
  };
}

}  // namespace http

}  // namespace tenon
