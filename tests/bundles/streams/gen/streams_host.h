// Made by `tenon bindgen host-cpp` from the WIT of x:y/host. Do not edit.
#pragma once

#include <tenon/host_glue.h>

static_assert(tenon::host_glue::version >= 2,
              "streams_host.h needs version 2 of <tenon/host_glue.h>, and the one that was "
              "included is older: use the headers of the tenon that generated it");
static_assert(tenon::host_glue::oldest_version <= 2,
              "streams_host.h was generated for version 2 of <tenon/host_glue.h>, and the one "
              "that was included is newer: run `tenon bindgen host-cpp` again");

// x:y/lib
namespace streams_host::lib {
struct upload {
  std::string name = {};
  tenon::stream_reader<std::uint8_t> body = {};
  bool operator==(const upload&) const = default;
};

// The functions that the instance implements.
class exports {
 public:
  exports() = default;
  exports(const exports&) = delete;
  exports& operator=(const exports&) = delete;
  virtual ~exports() = default;

  // open: async func() -> stream<string>;
  virtual void open(tenon::completion<tenon::stream_reader<std::string>> done) = 0;

  // join: async func(a: future<string>, b: future<string>) -> string;
  virtual void join(
      tenon::future_reader<std::string> a,
      tenon::future_reader<std::string> b,
      tenon::completion<std::string> done) = 0;

  // after: async func(signal: future) -> future;
  virtual void after(
      tenon::future_reader<std::monostate> signal,
      tenon::completion<tenon::future_reader<std::monostate>> done) = 0;

  // bytes: async func(upload: upload) -> result<u64, string>;
  virtual void bytes(
      const ::streams_host::lib::upload& upload,
      tenon::completion<tenon::expected<std::uint64_t, std::string>> done) = 0;

  // copy: func(%from: stream<u8>) -> stream<u8>;
  virtual tenon::stream_reader<std::uint8_t> copy(tenon::stream_reader<std::uint8_t> from) = 0;
};
}  // namespace streams_host::lib

namespace streams_host {
// The base class of a bundle's instances. The derived class also has
// `static create(const tenon::host_config&)`, and can replace `function_flags`.
class instance : public lib::exports {
 public:
  instance() = default;
  instance(const instance&) = delete;
  instance& operator=(const instance&) = delete;
  ~instance() override = default;
  // TENON_MAY_BLOCK, TENON_PURE or 0 for a function, for example
  // "tenon:sqlite/sql#[method]connection.query".
  static constexpr std::uint32_t function_flags(std::string_view /*function*/) { return 0; }
};
}  // namespace streams_host

namespace tenon::host_glue {
template <>
struct record_fields<::streams_host::lib::upload> {
  static constexpr auto get() {
    using type = ::streams_host::lib::upload;
    return std::make_tuple(&type::name, &type::body);
  }
};
}  // namespace tenon::host_glue

namespace streams_host {
// TENON_HOST_MODULE finds these three by its Type, which is derived from `instance`.
constexpr instance* module_base(instance* derived) { return derived; }
// Each row has a hash of the function's type, which the host compares with the WIT.
template <class Type>
constexpr std::array<tenon_func_def, 5> module_functions(const instance*) {
  return {{
      {"x:y/lib", "open",
       &tenon::host_glue::call_async_function<instance, &lib::exports::open>,
       0x7b8356ef23be2606U, Type::function_flags("x:y/lib#open")},
      {"x:y/lib", "join",
       &tenon::host_glue::call_async_function<instance, &lib::exports::join>,
       0x9e68f6ffb7d620d3U, Type::function_flags("x:y/lib#join")},
      {"x:y/lib", "after",
       &tenon::host_glue::call_async_function<instance, &lib::exports::after>,
       0x6f9901d5a9860dceU, Type::function_flags("x:y/lib#after")},
      {"x:y/lib", "bytes",
       &tenon::host_glue::call_async_function<instance, &lib::exports::bytes>,
       0xe14fd3ceac47f7c9U, Type::function_flags("x:y/lib#bytes")},
      {"x:y/lib", "copy",
       &tenon::host_glue::call_function<instance, &lib::exports::copy>,
       0x2c998ee122d3f2d2U, Type::function_flags("x:y/lib#copy")},
  }};
}
constexpr std::array<tenon_resource_def, 0> module_resources(const instance*) {
  return {};
}
}  // namespace streams_host
