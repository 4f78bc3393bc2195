// Made by `tenon bindgen host-cpp` from the WIT of demo:domains/lib-unit@1.0.0. Do not edit.
#pragma once

#include <tenon/host_glue.h>

static_assert(tenon::host_glue::version >= 2,
              "domains_host.h needs version 2 of <tenon/host_glue.h>, and the one that was "
              "included is older: use the headers of the tenon that generated it");
static_assert(tenon::host_glue::oldest_version <= 2,
              "domains_host.h was generated for version 2 of <tenon/host_glue.h>, and the one "
              "that was included is newer: run `tenon bindgen host-cpp` again");

// demo:domains/lib@1.0.0
namespace domains_host::lib {
class counter;
struct point {
  std::uint32_t x = 0;
  std::uint64_t y = 0;
  double z = 0;
  bool operator==(const point&) const = default;
};
struct named {
  std::uint32_t id = 0;
  std::string name = {};
  double weight = 0;
  bool operator==(const named&) const = default;
};
struct trouble {
  struct gone {
    std::string value;
    bool operator==(const gone&) const = default;
  };
  struct other {
    bool operator==(const other&) const = default;
  };
  enum class cases { gone, other };
  trouble() = default;
  trouble(gone init_) : which(std::move(init_)) {}
  trouble(other init_) : which(std::move(init_)) {}
  [[nodiscard]] cases which_case() const { return static_cast<cases>(which.index()); }
  bool operator==(const trouble&) const = default;
  std::variant<gone, other> which;
};
enum class reason : std::uint32_t {
  down,
  bad,
};
struct marks {
  bool red = false;
  bool green = false;
  bool blue = false;
  bool operator==(const marks&) const = default;
};

class counter {
 public:
  counter() = default;
  counter(const counter&) = delete;
  counter& operator=(const counter&) = delete;
  virtual ~counter() = default;

  // next: func() -> u32;
  virtual std::uint32_t next() = 0;

  // peek: func(other: borrow<counter>) -> u32;
  virtual std::uint32_t peek(counter& other) = 0;
};

// The functions that the instance implements.
class exports {
 public:
  exports() = default;
  exports(const exports&) = delete;
  exports& operator=(const exports&) = delete;
  virtual ~exports() = default;

  // constructor(start: u32);
  virtual std::shared_ptr<counter> make_counter(std::uint32_t start) = 0;

  // merge: static func(a: counter, b: counter) -> counter;
  virtual std::shared_ptr<counter> counter_merge(
      std::shared_ptr<counter> a,
      std::shared_ptr<counter> b) = 0;

  // add: func(a: u32, b: u32) -> u32;
  virtual std::uint32_t add(std::uint32_t a, std::uint32_t b) = 0;

  // echo: func(s: string) -> string;
  virtual std::string echo(std::string_view s) = 0;

  // echo-bytes: func(bytes: list<u8>) -> list<u8>;
  virtual std::vector<std::uint8_t> echo_bytes(std::span<const std::uint8_t> bytes) = 0;

  // echo-points: func(points: list<point>) -> list<point>;
  virtual std::vector<point> echo_points(std::span<const point> points) = 0;

  // echo-named: func(named: list<named>) -> list<named>;
  virtual std::vector<::domains_host::lib::named> echo_named(
      std::span<const ::domains_host::lib::named> named) = 0;

  // echo-mixed: func(a: option<string>, b: result<u8, string>, c: tuple<char, bool, s64>, d: trouble, e: marks) -> tuple<option<string>, result<u8, string>, tuple<char, bool, s64>, trouble, marks>;
  virtual std::tuple<std::optional<std::string>, tenon::expected<std::uint8_t, std::string>, std::tuple<char32_t, bool, std::int64_t>, trouble, marks>
  echo_mixed(
      const std::optional<std::string_view>& a,
      const tenon::expected<std::uint8_t, std::string_view>& b,
      const std::tuple<char32_t, bool, std::int64_t>& c,
      const trouble& d,
      const marks& e) = 0;

  // calls: func() -> u32;
  virtual std::uint32_t calls() = 0;

  // boom: func();
  virtual void boom() = 0;

  // spin: func();
  virtual void spin() = 0;

  // grow: func(pages: u32) -> u32;
  virtual std::uint32_t grow(std::uint32_t pages) = 0;

  // check-text: func(n: u32) -> result<u32, string>;
  virtual tenon::expected<std::uint32_t, std::string> check_text(std::uint32_t n) = 0;

  // check-trouble: func(n: u32) -> result<u32, trouble>;
  virtual tenon::expected<std::uint32_t, trouble> check_trouble(std::uint32_t n) = 0;

  // check-reason: func(n: u32) -> result<u32, reason>;
  virtual tenon::expected<std::uint32_t, reason> check_reason(std::uint32_t n) = 0;

  // alive: func() -> u32;
  virtual std::uint32_t alive() = 0;

  // consume: func(c: counter) -> u32;
  virtual std::uint32_t consume(std::shared_ptr<counter> c) = 0;

  // make-bad: func() -> counter;
  virtual std::shared_ptr<counter> make_bad() = 0;
};
}  // namespace domains_host::lib

namespace domains_host {
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
}  // namespace domains_host

namespace tenon::host_glue {
template <>
struct record_fields<::domains_host::lib::point> {
  static constexpr auto get() {
    using type = ::domains_host::lib::point;
    return std::make_tuple(&type::x, &type::y, &type::z);
  }
};
template <>
struct record_fields<::domains_host::lib::named> {
  static constexpr auto get() {
    using type = ::domains_host::lib::named;
    return std::make_tuple(&type::id, &type::name, &type::weight);
  }
};
template <>
struct flag_labels<::domains_host::lib::marks> {
  static constexpr auto get() {
    using type = ::domains_host::lib::marks;
    return std::make_tuple(&type::red, &type::green, &type::blue);
  }
};
}  // namespace tenon::host_glue

namespace domains_host {
// TENON_HOST_MODULE finds these three by its Type, which is derived from `instance`.
constexpr instance* module_base(instance* derived) { return derived; }
// Each row has a hash of the function's type, which the host compares with the WIT.
template <class Type>
constexpr std::array<tenon_func_def, 20> module_functions(const instance*) {
  return {{
      {"demo:domains/lib", "[constructor]counter",
       &tenon::host_glue::call_function<instance, &lib::exports::make_counter>,
       0xa49380131293c54dU, Type::function_flags("demo:domains/lib#[constructor]counter")},
      {"demo:domains/lib", "[static]counter.merge",
       &tenon::host_glue::call_function<instance, &lib::exports::counter_merge>,
       0xd147e2af6f9d6a0aU, Type::function_flags("demo:domains/lib#[static]counter.merge")},
      {"demo:domains/lib", "add",
       &tenon::host_glue::call_function<instance, &lib::exports::add>,
       0xb068ace077045069U, Type::function_flags("demo:domains/lib#add")},
      {"demo:domains/lib", "echo",
       &tenon::host_glue::call_function<instance, &lib::exports::echo>,
       0x7b3988e9f2a8eb43U, Type::function_flags("demo:domains/lib#echo")},
      {"demo:domains/lib", "echo-bytes",
       &tenon::host_glue::call_function<instance, &lib::exports::echo_bytes>,
       0xbc8ec4e9f6b4bc39U, Type::function_flags("demo:domains/lib#echo-bytes")},
      {"demo:domains/lib", "echo-points",
       &tenon::host_glue::call_function<instance, &lib::exports::echo_points>,
       0xd51365ab6e76e197U, Type::function_flags("demo:domains/lib#echo-points")},
      {"demo:domains/lib", "echo-named",
       &tenon::host_glue::call_function<instance, &lib::exports::echo_named>,
       0x7d0f5831c5c9a20fU, Type::function_flags("demo:domains/lib#echo-named")},
      {"demo:domains/lib", "echo-mixed",
       &tenon::host_glue::call_function<instance, &lib::exports::echo_mixed>,
       0xe68087d49f2bac33U, Type::function_flags("demo:domains/lib#echo-mixed")},
      {"demo:domains/lib", "calls",
       &tenon::host_glue::call_function<instance, &lib::exports::calls>,
       0xc570052adf142b6cU, Type::function_flags("demo:domains/lib#calls")},
      {"demo:domains/lib", "boom",
       &tenon::host_glue::call_function<instance, &lib::exports::boom>,
       0x1926bfa0a15a6c3cU, Type::function_flags("demo:domains/lib#boom")},
      {"demo:domains/lib", "spin",
       &tenon::host_glue::call_function<instance, &lib::exports::spin>,
       0x1926bfa0a15a6c3cU, Type::function_flags("demo:domains/lib#spin")},
      {"demo:domains/lib", "grow",
       &tenon::host_glue::call_function<instance, &lib::exports::grow>,
       0xda0ec0e2c1164ed4U, Type::function_flags("demo:domains/lib#grow")},
      {"demo:domains/lib", "check-text",
       &tenon::host_glue::call_function<instance, &lib::exports::check_text>,
       0xcbe8b56caa38b01aU, Type::function_flags("demo:domains/lib#check-text")},
      {"demo:domains/lib", "check-trouble",
       &tenon::host_glue::call_function<instance, &lib::exports::check_trouble>,
       0xa8bdd24dd27cd4a9U, Type::function_flags("demo:domains/lib#check-trouble")},
      {"demo:domains/lib", "check-reason",
       &tenon::host_glue::call_function<instance, &lib::exports::check_reason>,
       0x67755d9bfb5e14c3U, Type::function_flags("demo:domains/lib#check-reason")},
      {"demo:domains/lib", "alive",
       &tenon::host_glue::call_function<instance, &lib::exports::alive>,
       0xc570052adf142b6cU, Type::function_flags("demo:domains/lib#alive")},
      {"demo:domains/lib", "consume",
       &tenon::host_glue::call_function<instance, &lib::exports::consume>,
       0xe571eec24658f0b2U, Type::function_flags("demo:domains/lib#consume")},
      {"demo:domains/lib", "make-bad",
       &tenon::host_glue::call_function<instance, &lib::exports::make_bad>,
       0x727f1d1e79e08b35U, Type::function_flags("demo:domains/lib#make-bad")},
      {"demo:domains/lib", "[method]counter.next",
       &tenon::host_glue::call_method<instance, &lib::counter::next>,
       0x6aac0c8c21871c76U, Type::function_flags("demo:domains/lib#[method]counter.next")},
      {"demo:domains/lib", "[method]counter.peek",
       &tenon::host_glue::call_method<instance, &lib::counter::peek>,
       0x1ac8bafb31032c56U, Type::function_flags("demo:domains/lib#[method]counter.peek")},
  }};
}
constexpr std::array<tenon_resource_def, 1> module_resources(const instance*) {
  return {{
      {"demo:domains/lib", "counter",
       &tenon::host_glue::drop_resource<instance, lib::counter>},
  }};
}
}  // namespace domains_host
