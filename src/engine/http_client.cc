#include "engine/http_client.h"

#include <array>
#include <new>
#include <optional>
#include <string_view>
#include <utility>

#include "engine/seam.h"

namespace tenon::engine {

namespace {

using Policy = std::shared_ptr<const HttpPolicy>;

const HttpPolicy& policy_of(void* env) { return **static_cast<Policy*>(env); }

HttpTarget to_target(const tnengine_http_target_t& target) {
  return {target.is_https, std::string(to_text(target.host)), target.port};
}

using AddAddress = void (*)(void* route, const std::uint8_t* address);
using SetProxy = void (*)(void* route, std::uint16_t port, tnengine_slice_t authorization);

std::uint8_t fill_route(const HttpPolicy& policy, const HttpTarget& target, void* route,
                        AddAddress add, SetProxy set_proxy) {
  const Result<HttpRoute, Unresolved> resolved = policy.resolve(target);
  if (!resolved)
    return resolved.error() == Unresolved::Prohibited ? TNENGINE_HTTP_PROHIBITED
                                                      : TNENGINE_HTTP_UNKNOWN_HOST;
  for (const IpAddress& address : resolved->addresses) add(route, address.data());
  if (const auto& proxy = resolved->proxy)
    set_proxy(route, proxy->port, to_slice(proxy->authorization));
  return TNENGINE_HTTP_RESOLVED;
}

extern "C" {

// Without memory, nothing is allowed, and no address is found.

bool tenon_http_client_allows(void* env, const tnengine_http_target_t* target) noexcept {
  try {
    return policy_of(env).allows(to_target(*target));
  } catch (const std::bad_alloc&) {
    return false;
  }
}

std::uint8_t tenon_http_client_resolve(void* env, const tnengine_http_target_t* target, void* route,
                                       AddAddress add, SetProxy set_proxy) noexcept {
  try {
    return fill_route(policy_of(env), to_target(*target), route, add, set_proxy);
  } catch (const std::bad_alloc&) {
    return TNENGINE_HTTP_UNKNOWN_HOST;
  }
}

void tenon_http_client_traceparent(void* env, const tnengine_tag_t* tag, void* text,
                                   void (*set)(void* text, tnengine_slice_t value)) noexcept {
  std::optional<CallTag> given;
  if (tag != nullptr) given = std::to_array(tag->words);
  try {
    const std::string value = policy_of(env).traceparent(given ? &*given : nullptr);
    if (!value.empty()) set(text, to_slice(value));
  } catch (const std::bad_alloc&) {
    // The request is not traced.
  }
}

void tenon_http_client_release(void* env) noexcept { delete static_cast<Policy*>(env); }
}

}  // namespace

HttpClient::HttpClient(Policy policy, const HttpClientLimits& limits, const Tls& tls) {
  auto impl = std::make_unique<Impl>();
  const tnengine_http_client_limits_t most = {.connections = limits.connections,
                                              .header_bytes = limits.header_bytes,
                                              .connect_ms = limits.connect_ms,
                                              .first_byte_ms = limits.first_byte_ms,
                                              .between_bytes_ms = limits.between_bytes_ms,
                                              .idle_ms = limits.idle_ms};
  const tnengine_http_client_callbacks_t callbacks = {
      .allows = tenon_http_client_allows,
      .resolve = tenon_http_client_resolve,
      .traceparent = tenon_http_client_traceparent,
      .release = tenon_http_client_release,
      .env = std::make_unique<Policy>(std::move(policy)).release()};
  impl->handle.reset(tnengine_http_client_new(&most, &callbacks, tls.impl().handle.get()));
  impl_ = std::move(impl);
}
HttpClient::~HttpClient() = default;

}  // namespace tenon::engine
