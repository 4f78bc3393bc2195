// Made by `tenon bindgen host-cpp` from the WIT of x:y/host. Do not edit.
#pragma once

#include <tenon/host_glue.h>

static_assert(tenon::host_glue::version >= 2,
              "later_host.h needs version 2 of <tenon/host_glue.h>, and the one that was "
              "included is older: use the headers of the tenon that generated it");
static_assert(tenon::host_glue::oldest_version <= 2,
              "later_host.h was generated for version 2 of <tenon/host_glue.h>, and the one "
              "that was included is newer: run `tenon bindgen host-cpp` again");

// x:y/lib
namespace later_host::lib {
class thing;

class thing {
 public:
  thing() = default;
  thing(const thing&) = delete;
  thing& operator=(const thing&) = delete;
  virtual ~thing() = default;

  // value: func() -> u32;
  virtual std::uint32_t value() = 0;

  // wait: async func(milliseconds: u32) -> u32;
  virtual void wait(std::uint32_t milliseconds, tenon::completion<std::uint32_t> done) = 0;
};

// The functions that the instance implements.
class exports {
 public:
  exports() = default;
  exports(const exports&) = delete;
  exports& operator=(const exports&) = delete;
  virtual ~exports() = default;

  // sleep: async func() -> u32;
  virtual void sleep(tenon::completion<std::uint32_t> done) = 0;

  // join: async func(a: u32, b: string) -> string;
  virtual void join(std::uint32_t a, std::string_view b, tenon::completion<std::string> done) = 0;

  // make: async func() -> thing;
  virtual void make(tenon::completion<std::shared_ptr<thing>> done) = 0;

  // twice: func(n: u32) -> u32;
  virtual std::uint32_t twice(std::uint32_t n) = 0;
};
}  // namespace later_host::lib

namespace later_host {
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
}  // namespace later_host

namespace tenon::host_glue {
}  // namespace tenon::host_glue

namespace later_host {
// TENON_HOST_MODULE finds these three by its Type, which is derived from `instance`.
constexpr instance* module_base(instance* derived) { return derived; }
// Each row has a hash of the function's type, which the host compares with the WIT.
template <class Type>
constexpr std::array<tenon_func_def, 6> module_functions(const instance*) {
  return {{
      {"x:y/lib", "sleep",
       &tenon::host_glue::call_async_function<instance, &lib::exports::sleep>,
       0x21a4249316833c74U, Type::function_flags("x:y/lib#sleep")},
      {"x:y/lib", "join",
       &tenon::host_glue::call_async_function<instance, &lib::exports::join>,
       0x7a099a1acdde2879U, Type::function_flags("x:y/lib#join")},
      {"x:y/lib", "make",
       &tenon::host_glue::call_async_function<instance, &lib::exports::make>,
       0xeef48bfc0d75c5b9U, Type::function_flags("x:y/lib#make")},
      {"x:y/lib", "twice",
       &tenon::host_glue::call_function<instance, &lib::exports::twice>,
       0x6bd3f53bca0d0c9eU, Type::function_flags("x:y/lib#twice")},
      {"x:y/lib", "[method]thing.value",
       &tenon::host_glue::call_method<instance, &lib::thing::value>,
       0xed492b7eaf3c8da5U, Type::function_flags("x:y/lib#[method]thing.value")},
      {"x:y/lib", "[method]thing.wait",
       &tenon::host_glue::call_async_method<instance, &lib::thing::wait>,
       0x2d745d5f219f73c5U, Type::function_flags("x:y/lib#[method]thing.wait")},
  }};
}
constexpr std::array<tenon_resource_def, 1> module_resources(const instance*) {
  return {{
      {"x:y/lib", "thing",
       &tenon::host_glue::drop_resource<instance, lib::thing>},
  }};
}
}  // namespace later_host
