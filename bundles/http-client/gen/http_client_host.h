// Made by `tenon bindgen host-cpp` from the WIT of tenon:http-client/host@0.1.0. Do not edit.
#pragma once

#include <tenon/host_glue.h>

static_assert(tenon::host_glue::version >= 2,
              "http_client_host.h needs version 2 of <tenon/host_glue.h>, and the one that was "
              "included is older: use the headers of the tenon that generated it");
static_assert(tenon::host_glue::oldest_version <= 2,
              "http_client_host.h was generated for version 2 of <tenon/host_glue.h>, and the one "
              "that was included is newer: run `tenon bindgen host-cpp` again");

// tenon:http-client/requests@0.1.0
namespace http_client_host::requests {
struct request {
  std::string method = {};
  std::string url = {};
  std::vector<std::tuple<std::string, std::string>> headers = {};
  std::vector<std::uint8_t> body = {};
  std::optional<std::uint32_t> timeout_ms = {};
  bool operator==(const request&) const = default;
};
struct response {
  std::uint16_t status = 0;
  std::vector<std::tuple<std::string, std::string>> headers = {};
  std::vector<std::uint8_t> body = {};
  bool operator==(const response&) const = default;
};
enum class error_kind : std::uint32_t {
  invalid,
  denied,
  connection,
  timeout,
  too_large,
  busy,
  protocol,
};
struct error {
  error_kind kind = {};
  std::string message = {};
  bool operator==(const error&) const = default;
};

// The functions that the instance implements.
class exports {
 public:
  exports() = default;
  exports(const exports&) = delete;
  exports& operator=(const exports&) = delete;
  virtual ~exports() = default;

  // get: async func(url: string) -> result<response, error>;
  virtual void get(
      std::string_view url,
      tenon::completion<tenon::expected<response, error>> done) = 0;

  // send: async func(request: request) -> result<response, error>;
  virtual void send(
      const ::http_client_host::requests::request& request,
      tenon::completion<tenon::expected<response, error>> done) = 0;
};
}  // namespace http_client_host::requests

namespace http_client_host {
// The base class of a bundle's instances. The derived class also has
// `static create(const tenon::host_config&)`, and can replace `function_flags`.
class instance : public requests::exports {
 public:
  instance() = default;
  instance(const instance&) = delete;
  instance& operator=(const instance&) = delete;
  ~instance() override = default;
  // TENON_MAY_BLOCK, TENON_PURE or 0 for a function, for example
  // "tenon:sqlite/sql#[method]connection.query".
  static constexpr std::uint32_t function_flags(std::string_view /*function*/) { return 0; }
};
}  // namespace http_client_host

namespace tenon::host_glue {
template <>
struct record_fields<::http_client_host::requests::request> {
  static constexpr auto get() {
    using type = ::http_client_host::requests::request;
    return std::make_tuple(&type::method, &type::url, &type::headers, &type::body, &type::timeout_ms);
  }
};
template <>
struct record_fields<::http_client_host::requests::response> {
  static constexpr auto get() {
    using type = ::http_client_host::requests::response;
    return std::make_tuple(&type::status, &type::headers, &type::body);
  }
};
template <>
struct record_fields<::http_client_host::requests::error> {
  static constexpr auto get() {
    using type = ::http_client_host::requests::error;
    return std::make_tuple(&type::kind, &type::message);
  }
};
}  // namespace tenon::host_glue

namespace http_client_host {
// TENON_HOST_MODULE finds these three by its Type, which is derived from `instance`.
constexpr instance* module_base(instance* derived) { return derived; }
// Each row has a hash of the function's type, which the host compares with the WIT.
template <class Type>
constexpr std::array<tenon_func_def, 2> module_functions(const instance*) {
  return {{
      {"tenon:http-client/requests", "get",
       &tenon::host_glue::call_async_function<instance, &requests::exports::get>,
       0x1dc0e916c1e55ab8U, Type::function_flags("tenon:http-client/requests#get")},
      {"tenon:http-client/requests", "send",
       &tenon::host_glue::call_async_function<instance, &requests::exports::send>,
       0xbe48eb1676b4dda0U, Type::function_flags("tenon:http-client/requests#send")},
  }};
}
constexpr std::array<tenon_resource_def, 0> module_resources(const instance*) {
  return {};
}
}  // namespace http_client_host
