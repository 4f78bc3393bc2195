#include "engine/http.h"

#include <new>
#include <utility>

#include "engine/seam.h"

namespace tenon::engine {

namespace {

tnengine_http_request_view_t view(const HttpRequest::Impl& request) {
  tnengine_http_request_view_t view = {};
  tnengine_http_request_get(request.handle.get(), &view);
  return view;
}

}  // namespace

HttpRequest::HttpRequest(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
HttpRequest::HttpRequest(HttpRequest&&) noexcept = default;
HttpRequest& HttpRequest::operator=(HttpRequest&&) noexcept = default;
HttpRequest::~HttpRequest() = default;

std::string HttpRequest::method() const { return std::string(to_text(view(*impl_).method)); }
std::string HttpRequest::target() const { return std::string(to_text(view(*impl_).target)); }
std::string HttpRequest::authority() const { return std::string(to_text(view(*impl_).authority)); }
std::string HttpRequest::peer() const { return std::string(to_text(view(*impl_).peer)); }
std::uint64_t HttpRequest::number() const { return view(*impl_).number; }

std::optional<std::string> HttpRequest::field(std::string_view name) const {
  const tnengine_slice_t slice = to_slice(name);
  OwnedBytes value;
  if (!tnengine_http_request_field(impl_->handle.get(), &slice, value.out())) return std::nullopt;
  return value.to_string();
}

Result<void> HttpRequest::respond(HttpResponse response) const {
  std::vector<tnengine_http_field_t> fields;
  for (const auto& [name, value] : response.fields)
    fields.push_back({to_slice(name), to_slice(value)});
  tnengine_http_response_t raw = {.fields = fields.data(),
                                  .field_count = fields.size(),
                                  .body = to_slice(response.body),
                                  .offset = 0,
                                  .size = 0,
                                  .file = -1,
                                  .status = response.status};
  if (response.file) {
    raw.offset = response.file->offset;
    raw.size = response.file->size;
    raw.file = response.file->file.release();
  }
  if (wasmtime_error_t* error = tnengine_http_request_respond(impl_->handle.get(), &raw))
    return take_error(Code::RunEngine, "the HTTP response cannot be sent", error);
  return {};
}

bool HttpRequest::is_awaited() const {
  return tnengine_http_request_is_awaited(impl_->handle.get());
}

void HttpRequest::refuse(std::uint16_t status) const {
  tnengine_http_request_refuse(impl_->handle.get(), status);
}

namespace {

constexpr std::uint16_t kUnavailable = 503;

// A request that belongs to the engine, and is only read.
class BorrowedRequest final {
 public:
  explicit BorrowedRequest(const tnengine_http_request_t* request) : request_(make(request)) {}
  BorrowedRequest(const BorrowedRequest&) = delete;
  BorrowedRequest& operator=(const BorrowedRequest&) = delete;
  ~BorrowedRequest() { (void)impl_->handle.release(); }

  [[nodiscard]] const HttpRequest& get() const { return request_; }

 private:
  std::unique_ptr<HttpRequest::Impl> make(const tnengine_http_request_t* request) {
    auto impl = std::make_unique<HttpRequest::Impl>();
    impl->handle.reset(const_cast<tnengine_http_request_t*>(request));
    impl_ = impl.get();
    return impl;
  }

  HttpRequest::Impl* impl_ = nullptr;
  HttpRequest request_;
};

// Calls what notes something, which is lost if there is no memory for it.
template <class Note, class... Args>
void note(const Note& function, const Args&... args) noexcept {
  try {
    if (function) function(args...);
  } catch (const std::bad_alloc&) {
  }
}

extern "C" {

std::size_t tenon_route_http_request(void* env, const tnengine_http_request_t* request) noexcept {
  try {
    const BorrowedRequest borrowed(request);
    return static_cast<HttpServer::Impl*>(env)->callbacks.route(borrowed.get());
  } catch (const std::bad_alloc&) {
    tnengine_http_request_refuse(request, kUnavailable);
    return HttpServer::kAnswered;
  }
}

void tenon_take_http_request(void* env, tnengine_http_request_t* request) noexcept {
  std::unique_ptr<tnengine_http_request_t, Deleter<tnengine_http_request_delete>> owned(request);
  try {
    auto impl = std::make_unique<HttpRequest::Impl>();
    impl->handle = std::move(owned);
    static_cast<HttpServer::Impl*>(env)->callbacks.request(HttpRequest(std::move(impl)));
  } catch (const std::bad_alloc&) {
    // Without its request, the engine answers with 500.
  }
}

static_assert(static_cast<int>(HttpAbort::None) == TNENGINE_HTTP_NO_ABORT &&
              static_cast<int>(HttpAbort::RequestInvalid) == TNENGINE_HTTP_REQUEST_INVALID);

void tenon_note_http_done(void* env, const tnengine_http_report_t* report) noexcept {
  note(static_cast<HttpServer::Impl*>(env)->callbacks.done,
       HttpReport{.number = report->number,
                  .method = to_text(report->method),
                  .target = to_text(report->target),
                  .authority = to_text(report->authority),
                  .peer = to_text(report->peer),
                  .status = report->status,
                  .version = report->version,
                  .body_bytes = report->body_bytes,
                  .duration_ns = report->duration_ns,
                  .abort = static_cast<HttpAbort>(report->abort)});
}

void tenon_note_http_closed(void* env) noexcept {
  note(static_cast<HttpServer::Impl*>(env)->callbacks.closed);
}

void tenon_note_http_refused(void* env, tnengine_slice_t peer, tnengine_slice_t failure) noexcept {
  note(static_cast<HttpServer::Impl*>(env)->callbacks.refused, to_text(peer), to_text(failure));
}
}

}  // namespace

HttpServer::HttpServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
HttpServer::HttpServer(HttpServer&&) noexcept = default;
HttpServer& HttpServer::operator=(HttpServer&&) noexcept = default;
HttpServer::~HttpServer() = default;

HttpServer HttpServer::make(const HttpServerLimits& limits, std::span<const HttpQueue> queues,
                            HttpCallbacks callbacks) {
  auto impl = std::make_unique<Impl>(std::move(callbacks));
  const tnengine_http_limits_t most = {.connections = limits.connections,
                                       .body_bytes = limits.body_bytes,
                                       .header_bytes = limits.header_bytes,
                                       .header_ms = limits.header_ms,
                                       .idle_ms = limits.idle_ms,
                                       .keeps_half_closed = limits.keeps_half_closed};
  std::vector<tnengine_http_queue_t> sizes;
  for (const HttpQueue& queue : queues)
    sizes.push_back({queue.requests, queue.client_requests, queue.client_waiting});
  const tnengine_http_callbacks_t raw = {.route = tenon_route_http_request,
                                         .request = tenon_take_http_request,
                                         .done = tenon_note_http_done,
                                         .closed = tenon_note_http_closed,
                                         .refused = tenon_note_http_refused,
                                         .env = impl.get()};
  impl->handle.reset(tnengine_http_server_new(&most, sizes.data(), sizes.size(), &raw));
  return HttpServer(std::move(impl));
}

Result<void> HttpServer::listen(int socket, SocketKind kind, const Tls* tls) {
  const tnengine_tls_t* const raw = tls == nullptr ? nullptr : tls->impl().handle.get();
  if (wasmtime_error_t* error =
          tnengine_http_server_listen(impl_->handle.get(), socket, kind == SocketKind::File, raw))
    return take_error(Code::RunEngine, "HTTP connections cannot be accepted", error);
  return {};
}

void HttpServer::drain() { tnengine_http_server_drain(impl_->handle.get()); }

std::size_t HttpServer::connections() const {
  return tnengine_http_server_connections(impl_->handle.get());
}

HttpHandler::HttpHandler(const Instance& instance, WasiTrack track)
    : impl_(std::make_unique<Impl>()) {
  impl_->handle.reset(
      tnengine_http_handler_new(&instance.impl().instance, track == WasiTrack::Wasi02 ? 2 : 3));
}
HttpHandler::HttpHandler(HttpHandler&&) noexcept = default;
HttpHandler& HttpHandler::operator=(HttpHandler&&) noexcept = default;
HttpHandler::~HttpHandler() = default;

}  // namespace tenon::engine
