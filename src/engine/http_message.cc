#include "engine/http_message.h"

#include <array>
#include <new>
#include <vector>

#include "engine/seam.h"
#include "support/check.h"
#include "support/try.h"

namespace tenon::engine {

// Fields that the engine gives.
class ReceivedFields final {
 public:
  void add(std::string_view name, std::string_view value) noexcept {
    try {
      fields_.emplace_back(name, value);
    } catch (const std::bad_alloc&) {
      is_incomplete_ = true;
    }
  }
  // Throws std::bad_alloc if there was no memory for one of them.
  [[nodiscard]] HttpFields take() {
    if (std::exchange(is_incomplete_, false)) throw std::bad_alloc();
    return std::exchange(fields_, {});
  }

 private:
  HttpFields fields_;
  bool is_incomplete_ = false;
};

namespace {

extern "C" {

void tenon_wake(void* env) noexcept { (*static_cast<const Wake*>(env))(); }
void tenon_release_wake(void* env) noexcept { delete static_cast<const Wake*>(env); }

void tenon_add_field(void* env, tnengine_slice_t name, tnengine_slice_t value) noexcept {
  static_cast<ReceivedFields*>(env)->add(to_text(name), to_text(value));
}
}

tnengine_http_waker_t make_waker(const Wake& wake) {
  return {.wake = tenon_wake, .release = tenon_release_wake, .env = new Wake(wake)};
}

tnengine_http_list_t to_list(ReceivedFields& fields) {
  return {.add = tenon_add_field, .env = &fields};
}

std::vector<tnengine_http_field_t> to_raw(const HttpFields& fields) {
  std::vector<tnengine_http_field_t> raw;
  raw.reserve(fields.size());
  for (const auto& [name, value] : fields) raw.push_back({to_slice(name), to_slice(value)});
  return raw;
}

Diagnostic refuse(wasmtime_error_t* error) {
  return take_error(Code::HttpMessage, "the message is not valid in HTTP", error);
}

using MessageHandle =
    std::unique_ptr<tnengine_http_message_t, Deleter<tnengine_http_message_delete>>;

}  // namespace

struct HttpBody::Impl {
  std::unique_ptr<tnengine_http_body_t, Deleter<tnengine_http_body_delete>> handle;
  // The outcome of the last read, which stays if there is no memory to return it; WAITS: it was returned.
  std::uint8_t outcome = TNENGINE_HTTP_WAITS;
  OwnedBytes data = {};
  ReceivedFields trailers = {};
};

HttpBody::HttpBody(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
HttpBody::HttpBody(std::string_view content) : impl_(std::make_unique<Impl>()) {
  const tnengine_slice_t slice = to_slice(content);
  impl_->handle.reset(tnengine_http_body_new(&slice));
}
HttpBody::HttpBody(HttpBody&&) noexcept = default;
HttpBody& HttpBody::operator=(HttpBody&&) noexcept = default;
HttpBody::~HttpBody() = default;

HttpBody::Part HttpBody::read(const Wake& wake) {
  Impl& from = *impl_;
  if (from.outcome == TNENGINE_HTTP_WAITS) {
    const tnengine_http_waker_t waker = make_waker(wake);
    const tnengine_http_list_t trailers = to_list(from.trailers);
    from.outcome = tnengine_http_body_read(from.handle.get(), &waker, from.data.out(), &trailers);
  }
  Part part{.data = from.data.to_string(), .trailers = from.trailers.take()};
  tnengine_bytes_delete(from.data.out());
  switch (std::exchange(from.outcome, TNENGINE_HTTP_WAITS)) {
    case TNENGINE_HTTP_WAITS:
      break;
    case TNENGINE_HTTP_DONE:
      part.kind = Part::Kind::Data;
      break;
    case TNENGINE_HTTP_END:
      part.kind = Part::Kind::End;
      break;
    default:
      part.kind = Part::Kind::Broken;
  }
  return part;
}

struct HttpPipe::Impl {
  std::unique_ptr<tnengine_http_pipe_t, Deleter<tnengine_http_pipe_delete>> handle;
};

HttpPipe::HttpPipe(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
HttpPipe::HttpPipe(HttpPipe&&) noexcept = default;
HttpPipe& HttpPipe::operator=(HttpPipe&&) noexcept = default;
HttpPipe::~HttpPipe() = default;

std::pair<HttpPipe, HttpBody> HttpPipe::make() {
  auto pipe = std::make_unique<Impl>();
  auto body = std::make_unique<HttpBody::Impl>();
  tnengine_http_body_t* handle = nullptr;
  pipe->handle.reset(tnengine_http_pipe_new(&handle));
  body->handle.reset(handle);
  return {HttpPipe(std::move(pipe)), HttpBody(std::move(body))};
}

HttpPipe::Written HttpPipe::write(std::string_view part, const Wake& wake) {
  const tnengine_slice_t slice = to_slice(part);
  const tnengine_http_waker_t waker = make_waker(wake);
  switch (tnengine_http_pipe_write(impl_->handle.get(), &slice, &waker)) {
    case TNENGINE_HTTP_WAITS:
      return Written::No;
    case TNENGINE_HTTP_DONE:
      return Written::Yes;
    default:
      return Written::NobodyReads;
  }
}

Result<void> HttpPipe::end(const HttpFields& trailers) {
  const std::vector<tnengine_http_field_t> raw = to_raw(trailers);
  if (wasmtime_error_t* error = tnengine_http_pipe_end(impl_->handle.get(), raw.data(), raw.size()))
    return refuse(error);
  return {};
}

namespace {

Result<MessageHandle> to_handle(HttpMessage message) {
  const std::vector<tnengine_http_field_t> fields = to_raw(message.fields);
  const tnengine_http_head_t head = {.method = to_slice(message.method),
                                     .target = to_slice(message.target),
                                     .authority = to_slice(message.authority),
                                     .fields = fields.data(),
                                     .field_count = fields.size(),
                                     .status = message.status,
                                     .is_https = message.is_https,
                                     .is_refusal = false};
  tnengine_http_body_t* const body = message.body ? message.body->impl().handle.release() : nullptr;
  tnengine_http_message_t* handle = nullptr;
  if (wasmtime_error_t* error = tnengine_http_message_new(&head, body, &handle))
    return refuse(error);
  return MessageHandle(handle);
}

HttpMessage from_handle(tnengine_http_message_t* raw) {
  const MessageHandle handle(raw);
  HttpMessage message;
  tnengine_http_head_t head = {};
  ReceivedFields received;
  const tnengine_http_list_t fields = to_list(received);
  tnengine_http_message_get(raw, &head, &fields);
  message.fields = received.take();
  message.status = head.status;
  message.method = to_text(head.method);
  message.target = to_text(head.target);
  message.authority = to_text(head.authority);
  message.is_https = head.is_https;
  message.is_refusal = head.is_refusal;
  auto body = std::make_unique<HttpBody::Impl>();
  body->handle.reset(tnengine_http_message_take_body(raw));
  if (body->handle != nullptr) message.body.emplace(std::move(body));
  return message;
}

}  // namespace

struct HttpSent::Impl {
  std::unique_ptr<tnengine_http_sent_t, Deleter<tnengine_http_sent_delete>> handle;
};

HttpSent::HttpSent(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
HttpSent::HttpSent(HttpSent&&) noexcept = default;
HttpSent& HttpSent::operator=(HttpSent&&) noexcept = default;
HttpSent::~HttpSent() = default;

std::uint64_t HttpSent::number() const { return tnengine_http_sent_number(impl_->handle.get()); }

std::optional<CallResult<HttpMessage>> HttpSent::poll(const Wake& wake) {
  const tnengine_http_waker_t waker = make_waker(wake);
  tnengine_http_message_t* message = nullptr;
  switch (tnengine_http_sent_poll(impl_->handle.get(), &waker, &message)) {
    case TNENGINE_HTTP_WAITS:
      return std::nullopt;
    case TNENGINE_HTTP_DONE:
      return CallResult<HttpMessage>(from_handle(message));
    default:
      break;
  }
  CallFailure failure;
  failure.kind = CallFailure::Kind::Ended;
  failure.message = "the server was destroyed before it had answered";
  return CallResult<HttpMessage>(std::move(failure));
}

Result<HttpSent> send(const HttpServer& server, HttpMessage request) {
  auto impl = std::make_unique<HttpSent::Impl>();
  TENON_TRY(MessageHandle message, to_handle(std::move(request)));
  tnengine_http_sent_t* sent = nullptr;
  if (wasmtime_error_t* error =
          tnengine_http_server_send(server.impl().handle.get(), message.release(), &sent))
    return refuse(error);
  impl->handle.reset(sent);
  return HttpSent(std::move(impl));
}

namespace {

// origin: can be null
Result<HttpPassed> make_request(HttpMessage content, const tnengine_http_request_t* origin,
                                std::string_view peer) {
  auto request_impl = std::make_unique<HttpRequest::Impl>();
  auto sent_impl = std::make_unique<HttpSent::Impl>();
  TENON_TRY(MessageHandle message, to_handle(std::move(content)));
  const tnengine_slice_t name = to_slice(peer);
  tnengine_http_request_t* request = nullptr;
  tnengine_http_sent_t* sent = nullptr;
  if (wasmtime_error_t* error =
          tnengine_http_request_new(message.release(), origin, &name, &request, &sent))
    return refuse(error);
  request_impl->handle.reset(request);
  sent_impl->handle.reset(sent);
  return HttpPassed{HttpRequest(std::move(request_impl)), HttpSent(std::move(sent_impl))};
}

}  // namespace

Result<HttpPassed> pass_on(HttpMessage request, const HttpRequest& origin) {
  return make_request(std::move(request), origin.impl().handle.get(), {});
}

Result<HttpPassed> pass_on(HttpMessage request, std::string_view peer) {
  return make_request(std::move(request), nullptr, peer);
}

HttpMessage take(const HttpRequest& request) {
  tnengine_http_message_t* const message = tnengine_http_request_take(request.impl().handle.get());
  TENON_CHECK(message != nullptr);
  return from_handle(message);
}

Result<void> answer(const HttpRequest& request, HttpMessage response) {
  TENON_TRY(MessageHandle message, to_handle(std::move(response)));
  if (wasmtime_error_t* error =
          tnengine_http_request_answer(request.impl().handle.get(), message.release()))
    return refuse(error);
  return {};
}

bool is_over(const HttpRequest& request, const Wake& wake) {
  const tnengine_http_waker_t waker = make_waker(wake);
  return tnengine_http_request_poll_over(request.impl().handle.get(), &waker);
}

Result<HttpMessage> read_request(WasiResource request) {
  tnengine_http_message_t* message = nullptr;
  if (wasmtime_error_t* error = tnengine_wasi_resource_read_request(
          static_cast<tnengine_wasi_resource_t*>(request.release()), &message))
    return refuse(error);
  return from_handle(message);
}

Result<void> set_response(WasiResource out, HttpMessage response) {
  TENON_TRY(MessageHandle message, to_handle(std::move(response)));
  if (wasmtime_error_t* error = tnengine_wasi_resource_set_response(
          static_cast<tnengine_wasi_resource_t*>(out.release()), message.release()))
    return refuse(error);
  return {};
}

Result<WasiResource> make_response(HttpMessage response) {
  TENON_TRY(MessageHandle message, to_handle(std::move(response)));
  tnengine_wasi_resource_t* resource = nullptr;
  if (wasmtime_error_t* error = tnengine_wasi_resource_of_response(message.release(), &resource))
    return refuse(error);
  return WasiResource(resource);
}

Result<WasiResource> make_future_response(HttpSent sent) {
  tnengine_wasi_resource_t* resource = nullptr;
  if (wasmtime_error_t* error =
          tnengine_wasi_resource_of_sent(sent.impl().handle.release(), &resource))
    return refuse(error);
  return WasiResource(resource);
}

}  // namespace tenon::engine
