// Made by `tenon bindgen host-cpp` from the WIT of demo:names/names-world@1.0.0. Do not edit.
#pragma once

#include <tenon/host_glue.h>

static_assert(tenon::host_glue::version >= 2,
              "names_host.h needs version 2 of <tenon/host_glue.h>, and the one that was "
              "included is older: use the headers of the tenon that generated it");
static_assert(tenon::host_glue::oldest_version <= 2,
              "names_host.h was generated for version 2 of <tenon/host_glue.h>, and the one "
              "that was included is newer: run `tenon bindgen host-cpp` again");

// second:kit/only-types@1.0.0
namespace names_host::only_types {
struct point {
  std::int32_t x = 0;
  bool operator==(const point&) const = default;
};
}  // namespace names_host::only_types

// demo:names/std@1.0.0
namespace names_host::std_ {
class exports_;
using point = ::names_host::only_types::point;
struct class_ {
  std::uint8_t class__ = 0;
  std::string which_ = {};
  std::int32_t int_ = 0;
  ::names_host::only_types::point value = {};
  std::uint8_t errno_ = 0;
  bool operator==(const class_&) const = default;
};
enum class enum_ : std::uint32_t {
  enum_,
  new_,
  delete_,
  and_,
  b_side,
};
struct flags {
  bool flags_ = false;
  bool which_ = false;
  bool volatile_ = false;
  bool linux_ = false;
  bool operator==(const flags&) const = default;
};
using string = std::string;
enum class error_code : std::uint32_t {
  bad,
};
using tenon_ = std::vector<error_code>;
struct error {
  string std_ = {};
  ::names_host::std_::tenon_ tenon_ = {};
  bool operator==(const error&) const = default;
};
struct union_ {
  struct union__ {
    ::names_host::std_::class_ value;
    bool operator==(const union__&) const = default;
  };
  struct value_ {
    std::uint32_t value;
    bool operator==(const value_&) const = default;
  };
  struct which_ {
    std::string value;
    bool operator==(const which_&) const = default;
  };
  struct error {
    ::names_host::std_::error value;
    bool operator==(const error&) const = default;
  };
  struct list {
    std::vector<::names_host::std_::error> value;
    bool operator==(const list&) const = default;
  };
  struct none {
    bool operator==(const none&) const = default;
  };
  enum class cases { union__, value_, which_, error, list, none };
  union_() = default;
  union_(union__ init_) : which(std::move(init_)) {}
  union_(value_ init_) : which(std::move(init_)) {}
  union_(which_ init_) : which(std::move(init_)) {}
  union_(error init_) : which(std::move(init_)) {}
  union_(list init_) : which(std::move(init_)) {}
  union_(none init_) : which(std::move(init_)) {}
  [[nodiscard]] cases which_case() const { return static_cast<cases>(which.index()); }
  bool operator==(const union_&) const = default;
  std::variant<union__, value_, which_, error, list, none> which;
};
using borrow_count = std::uint32_t;

class exports_ {
 public:
  exports_() = default;
  exports_(const exports_&) = delete;
  exports_& operator=(const exports_&) = delete;
  virtual ~exports_() = default;

  // all: func() -> borrow-count;
  virtual borrow_count all() = 0;

  // get: func(exports: list<exports>) -> list<option<exports>>;
  virtual std::vector<std::optional<std::shared_ptr<exports_>>> get(
      std::span<const std::shared_ptr<exports_>> exports) = 0;
};

// The functions that the instance implements.
class exports {
 public:
  exports() = default;
  exports(const exports&) = delete;
  exports& operator=(const exports&) = delete;
  virtual ~exports() = default;

  // constructor();
  virtual std::shared_ptr<exports_> make_exports() = 0;

  // operator: static func(exports: borrow<exports>) -> exports;
  virtual std::shared_ptr<exports_> exports_operator(exports_& exports) = 0;

  // fail: func(error: error, other: error) -> result<error, error-code>;
  virtual tenon::expected<::names_host::std_::error, error_code> fail(
      const ::names_host::std_::error& error,
      const ::names_host::std_::error& other) = 0;

  // auto: func(self: u8, this: union, made: class) -> %enum;
  virtual enum_ auto_(
      std::uint8_t self,
      const ::names_host::std_::union_& this_,
      const ::names_host::std_::class_& made) = 0;

  // exports-operator: func();
  virtual void exports_operator_() = 0;

  // make-exports: func() -> exports;
  virtual std::shared_ptr<exports_> make_exports_() = 0;
};
}  // namespace names_host::std_

// demo:names/tenon@1.0.0
namespace names_host::tenon_ {
struct flags {
  bool a = false;
  bool operator==(const flags&) const = default;
};

// The functions that the instance implements.
class exports {
 public:
  exports() = default;
  exports(const exports&) = delete;
  exports& operator=(const exports&) = delete;
  virtual ~exports() = default;

  // create: func();
  virtual void create_() = 0;

  // function-flags: func();
  virtual void function_flags_() = 0;

  // run: func(labels: %flags);
  virtual void tenon__run(const flags& labels) = 0;
};
}  // namespace names_host::tenon_

// demo:names/instance@1.0.0
namespace names_host::instance_ {
using exports_ = ::names_host::std_::exports_;
using either = ::names_host::std_::union_;

// The functions that the instance implements.
class exports {
 public:
  exports() = default;
  exports(const exports&) = delete;
  exports& operator=(const exports&) = delete;
  virtual ~exports() = default;

  // run: func(e: borrow<exports>) -> either;
  virtual ::names_host::std_::union_ instance__run(::names_host::std_::exports_& e) = 0;

  // module-name: func() -> string;
  virtual std::string module_name() = 0;
};
}  // namespace names_host::instance_

// first:kit/types@1.0.0
namespace names_host::first_kit_types {
struct error {
  std::string error_ = {};
  bool operator==(const error&) const = default;
};

// The functions that the instance implements.
class exports {
 public:
  exports() = default;
  exports(const exports&) = delete;
  exports& operator=(const exports&) = delete;
  virtual ~exports() = default;

  // make: func() -> error;
  virtual ::names_host::first_kit_types::error first_kit_types_make() = 0;
};
}  // namespace names_host::first_kit_types

// second:kit/types@1.0.0
namespace names_host::second_kit_types {
using fault = ::names_host::first_kit_types::error;
using again = ::names_host::first_kit_types::error;

// The functions that the instance implements.
class exports {
 public:
  exports() = default;
  exports(const exports&) = delete;
  exports& operator=(const exports&) = delete;
  virtual ~exports() = default;

  // make: func(fault: fault) -> fault;
  virtual ::names_host::first_kit_types::error second_kit_types_make(
      const ::names_host::first_kit_types::error& fault) = 0;
};
}  // namespace names_host::second_kit_types

// inline
namespace names_host::inline_ {
struct inline_ {
  std::uint8_t inline__ = 0;
  bool operator==(const inline_&) const = default;
};

// The functions that the instance implements.
class exports {
 public:
  exports() = default;
  exports(const exports&) = delete;
  exports& operator=(const exports&) = delete;
  virtual ~exports() = default;

  // fill: func(inline: inline) -> inline;
  virtual ::names_host::inline_::inline_ fill(const ::names_host::inline_::inline_& inline_) = 0;
};
}  // namespace names_host::inline_

// Functions and types of the world itself.
namespace names_host::names_world {

// The functions that the instance implements.
class exports {
 public:
  exports() = default;
  exports(const exports&) = delete;
  exports& operator=(const exports&) = delete;
  virtual ~exports() = default;

  // alone: func(%string: string) -> string;
  virtual std::string alone(std::string_view string) = 0;
};
}  // namespace names_host::names_world

namespace names_host {
// The base class of a bundle's instances. The derived class also has
// `static create(const tenon::host_config&)`, and can replace `function_flags`.
class instance
    : public std_::exports, public tenon_::exports, public instance_::exports, public first_kit_types::exports, public second_kit_types::exports, public inline_::exports, public names_world::exports {
 public:
  instance() = default;
  instance(const instance&) = delete;
  instance& operator=(const instance&) = delete;
  ~instance() override = default;
  // TENON_MAY_BLOCK, TENON_PURE or 0 for a function, for example
  // "tenon:sqlite/sql#[method]connection.query".
  static constexpr std::uint32_t function_flags(std::string_view /*function*/) { return 0; }
};
}  // namespace names_host

namespace tenon::host_glue {
template <>
struct record_fields<::names_host::only_types::point> {
  static constexpr auto get() {
    using type = ::names_host::only_types::point;
    return std::make_tuple(&type::x);
  }
};
template <>
struct record_fields<::names_host::std_::class_> {
  static constexpr auto get() {
    using type = ::names_host::std_::class_;
    return std::make_tuple(&type::class__, &type::which_, &type::int_, &type::value, &type::errno_);
  }
};
template <>
struct flag_labels<::names_host::std_::flags> {
  static constexpr auto get() {
    using type = ::names_host::std_::flags;
    return std::make_tuple(&type::flags_, &type::which_, &type::volatile_, &type::linux_);
  }
};
template <>
struct record_fields<::names_host::std_::error> {
  static constexpr auto get() {
    using type = ::names_host::std_::error;
    return std::make_tuple(&type::std_, &type::tenon_);
  }
};
template <>
struct flag_labels<::names_host::tenon_::flags> {
  static constexpr auto get() {
    using type = ::names_host::tenon_::flags;
    return std::make_tuple(&type::a);
  }
};
template <>
struct record_fields<::names_host::first_kit_types::error> {
  static constexpr auto get() {
    using type = ::names_host::first_kit_types::error;
    return std::make_tuple(&type::error_);
  }
};
template <>
struct record_fields<::names_host::inline_::inline_> {
  static constexpr auto get() {
    using type = ::names_host::inline_::inline_;
    return std::make_tuple(&type::inline__);
  }
};
}  // namespace tenon::host_glue

namespace names_host {
// TENON_HOST_MODULE finds these three by its Type, which is derived from `instance`.
constexpr instance* module_base(instance* derived) { return derived; }
// Each row has a hash of the function's type, which the host compares with the WIT.
template <class Type>
constexpr std::array<tenon_func_def, 17> module_functions(const instance*) {
  return {{
      {"demo:names/std", "[constructor]exports",
       &tenon::host_glue::call_function<instance, &std_::exports::make_exports>,
       0xa21c729a7dd56f04U, Type::function_flags("demo:names/std#[constructor]exports")},
      {"demo:names/std", "[static]exports.operator",
       &tenon::host_glue::call_function<instance, &std_::exports::exports_operator>,
       0x9d537eaab637a3e3U, Type::function_flags("demo:names/std#[static]exports.operator")},
      {"demo:names/std", "fail",
       &tenon::host_glue::call_function<instance, &std_::exports::fail>,
       0x4a49bcfd694ee9bcU, Type::function_flags("demo:names/std#fail")},
      {"demo:names/std", "auto",
       &tenon::host_glue::call_function<instance, &std_::exports::auto_>,
       0xb3b2bb25061165a5U, Type::function_flags("demo:names/std#auto")},
      {"demo:names/std", "exports-operator",
       &tenon::host_glue::call_function<instance, &std_::exports::exports_operator_>,
       0x1926bfa0a15a6c3cU, Type::function_flags("demo:names/std#exports-operator")},
      {"demo:names/std", "make-exports",
       &tenon::host_glue::call_function<instance, &std_::exports::make_exports_>,
       0xa21c729a7dd56f04U, Type::function_flags("demo:names/std#make-exports")},
      {"demo:names/std", "[method]exports.all",
       &tenon::host_glue::call_method<instance, &std_::exports_::all>,
       0x3b6d99eba485c8aeU, Type::function_flags("demo:names/std#[method]exports.all")},
      {"demo:names/std", "[method]exports.get",
       &tenon::host_glue::call_method<instance, &std_::exports_::get>,
       0x5634f6339c8a9f51U, Type::function_flags("demo:names/std#[method]exports.get")},
      {"demo:names/tenon", "create",
       &tenon::host_glue::call_function<instance, &tenon_::exports::create_>,
       0x1926bfa0a15a6c3cU, Type::function_flags("demo:names/tenon#create")},
      {"demo:names/tenon", "function-flags",
       &tenon::host_glue::call_function<instance, &tenon_::exports::function_flags_>,
       0x1926bfa0a15a6c3cU, Type::function_flags("demo:names/tenon#function-flags")},
      {"demo:names/tenon", "run",
       &tenon::host_glue::call_function<instance, &tenon_::exports::tenon__run>,
       0x0fdc90ba19e09738U, Type::function_flags("demo:names/tenon#run")},
      {"demo:names/instance", "run",
       &tenon::host_glue::call_function<instance, &instance_::exports::instance__run>,
       0xc2ad1046af504e43U, Type::function_flags("demo:names/instance#run")},
      {"demo:names/instance", "module-name",
       &tenon::host_glue::call_function<instance, &instance_::exports::module_name>,
       0x115e166874a94954U, Type::function_flags("demo:names/instance#module-name")},
      {"first:kit/types", "make",
       &tenon::host_glue::call_function<instance, &first_kit_types::exports::first_kit_types_make>,
       0x02909720ab2a22e1U, Type::function_flags("first:kit/types#make")},
      {"second:kit/types", "make",
       &tenon::host_glue::call_function<instance, &second_kit_types::exports::second_kit_types_make>,
       0xae45ceecf0e73ea0U, Type::function_flags("second:kit/types#make")},
      {"inline", "fill",
       &tenon::host_glue::call_function<instance, &inline_::exports::fill>,
       0x44282e40e81f89b1U, Type::function_flags("inline#fill")},
      {"", "alone",
       &tenon::host_glue::call_function<instance, &names_world::exports::alone>,
       0x05e339e6053f7369U, Type::function_flags("alone")},
  }};
}
constexpr std::array<tenon_resource_def, 1> module_resources(const instance*) {
  return {{
      {"demo:names/std", "exports",
       &tenon::host_glue::drop_resource<instance, std_::exports_>},
  }};
}
}  // namespace names_host
