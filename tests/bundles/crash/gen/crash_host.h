// Made by `tenon bindgen host-cpp` from the WIT of test:crash/host@1.0.0. Do not edit.
#pragma once

#include <tenon/host_glue.h>

static_assert(tenon::host_glue::version >= 2,
              "crash_host.h needs version 2 of <tenon/host_glue.h>, and the one that was "
              "included is older: use the headers of the tenon that generated it");
static_assert(tenon::host_glue::oldest_version <= 2,
              "crash_host.h was generated for version 2 of <tenon/host_glue.h>, and the one "
              "that was included is newer: run `tenon bindgen host-cpp` again");

// test:crash/api@1.0.0
namespace crash_host::api {
class thing;
enum class reason : std::uint32_t {
  busy,
  gone,
};

class thing {
 public:
  thing() = default;
  thing(const thing&) = delete;
  thing& operator=(const thing&) = delete;
  virtual ~thing() = default;

  // number: func() -> u32;
  virtual std::uint32_t number() = 0;
};

// The functions that the instance implements.
class exports {
 public:
  exports() = default;
  exports(const exports&) = delete;
  exports& operator=(const exports&) = delete;
  virtual ~exports() = default;

  // constructor(number: u32);
  virtual std::shared_ptr<thing> make_thing(std::uint32_t number) = 0;

  // add: func(a: u32, b: u32) -> u32;
  virtual std::uint32_t add(std::uint32_t a, std::uint32_t b) = 0;

  // process: func() -> u32;
  virtual std::uint32_t process() = 0;

  // length: func(text: list<u8>) -> u32;
  virtual std::uint32_t length(std::span<const std::uint8_t> text) = 0;

  // make: func(size: u32) -> list<u8>;
  virtual std::vector<std::uint8_t> make(std::uint32_t size) = 0;

  // say: func(text: string);
  virtual void say(std::string_view text) = 0;

  // segfault: func();
  virtual void segfault() = 0;

  // abort: func();
  virtual void abort() = 0;

  // leave: func(code: s32);
  virtual void leave(std::int32_t code) = 0;

  // overflow: func();
  virtual void overflow() = 0;

  // trap: func(message: string);
  virtual void trap(std::string_view message) = 0;

  // try-abort: func() -> result<u32, string>;
  virtual tenon::expected<std::uint32_t, std::string> try_abort() = 0;

  // try-leave: func() -> result<u32, reason>;
  virtual tenon::expected<std::uint32_t, reason> try_leave() = 0;

  // spin: func(polls: bool) -> u32;
  virtual std::uint32_t spin(bool polls) = 0;

  // garble: func();
  virtual void garble() = 0;

  // close-all: func();
  virtual void close_all() = 0;

  // descriptors: func() -> list<u32>;
  virtual std::vector<std::uint32_t> descriptors() = 0;

  // read-file: func(path: string) -> u32;
  virtual std::uint32_t read_file(std::string_view path) = 0;

  // write-file: func(path: string) -> u32;
  virtual std::uint32_t write_file(std::string_view path) = 0;

  // look-at: func(path: string) -> u32;
  virtual std::uint32_t look_at(std::string_view path) = 0;

  // run: func(program: string) -> u32;
  virtual std::uint32_t run(std::string_view program) = 0;

  // make-process: func() -> u32;
  virtual std::uint32_t make_process() = 0;

  // make-socket: func() -> u32;
  virtual std::uint32_t make_socket() = 0;

  // make-pair: func() -> u32;
  virtual std::uint32_t make_pair() = 0;

  // signal-parent: func() -> u32;
  virtual std::uint32_t signal_parent() = 0;

  // trace-parent: func() -> u32;
  virtual std::uint32_t trace_parent() = 0;

  // take-memory: func(bytes: u64) -> u32;
  virtual std::uint32_t take_memory(std::uint64_t bytes) = 0;

  // share-memory: func(bytes: u64) -> u32;
  virtual std::uint32_t share_memory(std::uint64_t bytes) = 0;

  // attempt: func(way: string) -> u32;
  virtual std::uint32_t attempt(std::string_view way) = 0;

  // burn: func();
  virtual void burn() = 0;

  // variable: func(name: string) -> option<string>;
  virtual std::optional<std::string> variable(std::string_view name) = 0;

  // start-thread: func() -> u32;
  virtual std::uint32_t start_thread() = 0;

  // alive: func() -> u32;
  virtual std::uint32_t alive() = 0;

  // join: func(first: thing, second: borrow<thing>) -> thing;
  virtual std::shared_ptr<thing> join(std::shared_ptr<thing> first, thing& second) = 0;
};
}  // namespace crash_host::api

namespace crash_host {
// The base class of a bundle's instances. The derived class also has
// `static create(const tenon::host_config&)`, and can replace `function_flags`.
class instance : public api::exports {
 public:
  instance() = default;
  instance(const instance&) = delete;
  instance& operator=(const instance&) = delete;
  ~instance() override = default;
  // TENON_MAY_BLOCK, TENON_PURE or 0 for a function, for example
  // "tenon:sqlite/sql#[method]connection.query".
  static constexpr std::uint32_t function_flags(std::string_view /*function*/) { return 0; }
};
}  // namespace crash_host

namespace tenon::host_glue {
}  // namespace tenon::host_glue

namespace crash_host {
// TENON_HOST_MODULE finds these three by its Type, which is derived from `instance`.
constexpr instance* module_base(instance* derived) { return derived; }
// Each row has a hash of the function's type, which the host compares with the WIT.
template <class Type>
constexpr std::array<tenon_func_def, 35> module_functions(const instance*) {
  return {{
      {"test:crash/api", "[constructor]thing",
       &tenon::host_glue::call_function<instance, &api::exports::make_thing>,
       0x045aeec6b5f19054U, Type::function_flags("test:crash/api#[constructor]thing")},
      {"test:crash/api", "add",
       &tenon::host_glue::call_function<instance, &api::exports::add>,
       0xb068ace077045069U, Type::function_flags("test:crash/api#add")},
      {"test:crash/api", "process",
       &tenon::host_glue::call_function<instance, &api::exports::process>,
       0xc570052adf142b6cU, Type::function_flags("test:crash/api#process")},
      {"test:crash/api", "length",
       &tenon::host_glue::call_function<instance, &api::exports::length>,
       0xb8e66e7fe14746bcU, Type::function_flags("test:crash/api#length")},
      {"test:crash/api", "make",
       &tenon::host_glue::call_function<instance, &api::exports::make>,
       0xc5c0ed308b5fdf72U, Type::function_flags("test:crash/api#make")},
      {"test:crash/api", "say",
       &tenon::host_glue::call_function<instance, &api::exports::say>,
       0x5d8ee867f3e07f0bU, Type::function_flags("test:crash/api#say")},
      {"test:crash/api", "segfault",
       &tenon::host_glue::call_function<instance, &api::exports::segfault>,
       0x1926bfa0a15a6c3cU, Type::function_flags("test:crash/api#segfault")},
      {"test:crash/api", "abort",
       &tenon::host_glue::call_function<instance, &api::exports::abort>,
       0x1926bfa0a15a6c3cU, Type::function_flags("test:crash/api#abort")},
      {"test:crash/api", "leave",
       &tenon::host_glue::call_function<instance, &api::exports::leave>,
       0xc65fb69e4c63ded0U, Type::function_flags("test:crash/api#leave")},
      {"test:crash/api", "overflow",
       &tenon::host_glue::call_function<instance, &api::exports::overflow>,
       0x1926bfa0a15a6c3cU, Type::function_flags("test:crash/api#overflow")},
      {"test:crash/api", "trap",
       &tenon::host_glue::call_function<instance, &api::exports::trap>,
       0x4e2c1aa85836ba51U, Type::function_flags("test:crash/api#trap")},
      {"test:crash/api", "try-abort",
       &tenon::host_glue::call_function<instance, &api::exports::try_abort>,
       0x3b031bd2770301a4U, Type::function_flags("test:crash/api#try-abort")},
      {"test:crash/api", "try-leave",
       &tenon::host_glue::call_function<instance, &api::exports::try_leave>,
       0x31cfef0e7f6f73efU, Type::function_flags("test:crash/api#try-leave")},
      {"test:crash/api", "spin",
       &tenon::host_glue::call_function<instance, &api::exports::spin>,
       0x0e6c5105be8db65eU, Type::function_flags("test:crash/api#spin")},
      {"test:crash/api", "garble",
       &tenon::host_glue::call_function<instance, &api::exports::garble>,
       0x1926bfa0a15a6c3cU, Type::function_flags("test:crash/api#garble")},
      {"test:crash/api", "close-all",
       &tenon::host_glue::call_function<instance, &api::exports::close_all>,
       0x1926bfa0a15a6c3cU, Type::function_flags("test:crash/api#close-all")},
      {"test:crash/api", "descriptors",
       &tenon::host_glue::call_function<instance, &api::exports::descriptors>,
       0x19283d33be7f964dU, Type::function_flags("test:crash/api#descriptors")},
      {"test:crash/api", "read-file",
       &tenon::host_glue::call_function<instance, &api::exports::read_file>,
       0x1c700610a0f270c7U, Type::function_flags("test:crash/api#read-file")},
      {"test:crash/api", "write-file",
       &tenon::host_glue::call_function<instance, &api::exports::write_file>,
       0x1c700610a0f270c7U, Type::function_flags("test:crash/api#write-file")},
      {"test:crash/api", "look-at",
       &tenon::host_glue::call_function<instance, &api::exports::look_at>,
       0x1c700610a0f270c7U, Type::function_flags("test:crash/api#look-at")},
      {"test:crash/api", "run",
       &tenon::host_glue::call_function<instance, &api::exports::run>,
       0x913865c094205b10U, Type::function_flags("test:crash/api#run")},
      {"test:crash/api", "make-process",
       &tenon::host_glue::call_function<instance, &api::exports::make_process>,
       0xc570052adf142b6cU, Type::function_flags("test:crash/api#make-process")},
      {"test:crash/api", "make-socket",
       &tenon::host_glue::call_function<instance, &api::exports::make_socket>,
       0xc570052adf142b6cU, Type::function_flags("test:crash/api#make-socket")},
      {"test:crash/api", "make-pair",
       &tenon::host_glue::call_function<instance, &api::exports::make_pair>,
       0xc570052adf142b6cU, Type::function_flags("test:crash/api#make-pair")},
      {"test:crash/api", "signal-parent",
       &tenon::host_glue::call_function<instance, &api::exports::signal_parent>,
       0xc570052adf142b6cU, Type::function_flags("test:crash/api#signal-parent")},
      {"test:crash/api", "trace-parent",
       &tenon::host_glue::call_function<instance, &api::exports::trace_parent>,
       0xc570052adf142b6cU, Type::function_flags("test:crash/api#trace-parent")},
      {"test:crash/api", "take-memory",
       &tenon::host_glue::call_function<instance, &api::exports::take_memory>,
       0x65062a718ae5d6d6U, Type::function_flags("test:crash/api#take-memory")},
      {"test:crash/api", "share-memory",
       &tenon::host_glue::call_function<instance, &api::exports::share_memory>,
       0x65062a718ae5d6d6U, Type::function_flags("test:crash/api#share-memory")},
      {"test:crash/api", "attempt",
       &tenon::host_glue::call_function<instance, &api::exports::attempt>,
       0x55bccf2a899c4eedU, Type::function_flags("test:crash/api#attempt")},
      {"test:crash/api", "burn",
       &tenon::host_glue::call_function<instance, &api::exports::burn>,
       0x1926bfa0a15a6c3cU, Type::function_flags("test:crash/api#burn")},
      {"test:crash/api", "variable",
       &tenon::host_glue::call_function<instance, &api::exports::variable>,
       0x00802c42a532d8edU, Type::function_flags("test:crash/api#variable")},
      {"test:crash/api", "start-thread",
       &tenon::host_glue::call_function<instance, &api::exports::start_thread>,
       0xc570052adf142b6cU, Type::function_flags("test:crash/api#start-thread")},
      {"test:crash/api", "alive",
       &tenon::host_glue::call_function<instance, &api::exports::alive>,
       0xc570052adf142b6cU, Type::function_flags("test:crash/api#alive")},
      {"test:crash/api", "join",
       &tenon::host_glue::call_function<instance, &api::exports::join>,
       0xe0c24d6587b3dcb1U, Type::function_flags("test:crash/api#join")},
      {"test:crash/api", "[method]thing.number",
       &tenon::host_glue::call_method<instance, &api::thing::number>,
       0xed492b7eaf3c8da5U, Type::function_flags("test:crash/api#[method]thing.number")},
  }};
}
constexpr std::array<tenon_resource_def, 1> module_resources(const instance*) {
  return {{
      {"test:crash/api", "thing",
       &tenon::host_glue::drop_resource<instance, api::thing>},
  }};
}
}  // namespace crash_host
