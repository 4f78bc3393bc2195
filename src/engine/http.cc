#include "engine/http.h"

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
std::string HttpRequest::peer() const { return std::string(to_text(view(*impl_).peer)); }
std::uint64_t HttpRequest::number() const { return view(*impl_).number; }

void HttpRequest::refuse(std::uint16_t status) const {
  tnengine_http_request_refuse(impl_->handle.get(), status);
}

struct HttpServer::Impl {
  // Outlive the handle.
  std::function<void(HttpRequest)> on_request;
  std::function<void()> on_closed;
  std::unique_ptr<tnengine_http_server_t, Deleter<tnengine_http_server_delete>> handle;
};

namespace {

extern "C" {

void tenon_take_http_request(void* env, tnengine_http_request_t* request) noexcept {
  auto impl = std::make_unique<HttpRequest::Impl>();
  impl->handle.reset(request);
  static_cast<HttpServer::Impl*>(env)->on_request(HttpRequest(std::move(impl)));
}

void tenon_note_http_closed(void* env) noexcept {
  static_cast<HttpServer::Impl*>(env)->on_closed();
}
}

}  // namespace

HttpServer::HttpServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
HttpServer::HttpServer(HttpServer&&) noexcept = default;
HttpServer& HttpServer::operator=(HttpServer&&) noexcept = default;
HttpServer::~HttpServer() = default;

HttpServer HttpServer::make(const HttpServerLimits& limits,
                            std::function<void(HttpRequest)> on_request,
                            std::function<void()> on_closed) {
  auto impl = std::make_unique<Impl>(std::move(on_request), std::move(on_closed), nullptr);
  const tnengine_http_limits_t most = {.connections = limits.connections,
                                       .requests = limits.requests,
                                       .body_bytes = limits.body_bytes,
                                       .header_bytes = limits.header_bytes,
                                       .idle_ms = limits.idle_ms};
  const tnengine_http_callbacks_t callbacks = {
      .request = tenon_take_http_request, .closed = tenon_note_http_closed, .env = impl.get()};
  impl->handle.reset(tnengine_http_server_new(&most, &callbacks));
  return HttpServer(std::move(impl));
}

Result<void> HttpServer::listen(int socket) {
  if (wasmtime_error_t* error = tnengine_http_server_listen(impl_->handle.get(), socket))
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
