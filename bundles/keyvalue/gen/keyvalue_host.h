// Made by `tenon bindgen host-cpp` from the WIT of wasi:keyvalue/host@0.2.0-draft2. Do not edit.
#pragma once

#include <tenon/host_glue.h>

static_assert(tenon::host_glue::version >= 2,
              "keyvalue_host.h needs version 2 of <tenon/host_glue.h>, and the one that was "
              "included is older: use the headers of the tenon that generated it");
static_assert(tenon::host_glue::oldest_version <= 2,
              "keyvalue_host.h was generated for version 2 of <tenon/host_glue.h>, and the one "
              "that was included is newer: run `tenon bindgen host-cpp` again");

// wasi:keyvalue/store@0.2.0-draft2
namespace keyvalue_host::store {
class bucket;
struct error {
  struct no_such_store {
    bool operator==(const no_such_store&) const = default;
  };
  struct access_denied {
    bool operator==(const access_denied&) const = default;
  };
  struct other {
    std::string value;
    bool operator==(const other&) const = default;
  };
  enum class cases { no_such_store, access_denied, other };
  error() = default;
  error(no_such_store init_) : which(std::move(init_)) {}
  error(access_denied init_) : which(std::move(init_)) {}
  error(other init_) : which(std::move(init_)) {}
  [[nodiscard]] cases which_case() const { return static_cast<cases>(which.index()); }
  bool operator==(const error&) const = default;
  std::variant<no_such_store, access_denied, other> which;
};
struct key_response {
  std::vector<std::string> keys = {};
  std::optional<std::string> cursor = {};
  bool operator==(const key_response&) const = default;
};

class bucket {
 public:
  bucket() = default;
  bucket(const bucket&) = delete;
  bucket& operator=(const bucket&) = delete;
  virtual ~bucket() = default;

  // get: func(key: string) -> result<option<list<u8>>, error>;
  virtual tenon::expected<std::optional<std::vector<std::uint8_t>>, error> get(
      std::string_view key) = 0;

  // set: func(key: string, value: list<u8>) -> result<_, error>;
  virtual tenon::expected<void, error> set(
      std::string_view key,
      std::span<const std::uint8_t> value) = 0;

  // delete: func(key: string) -> result<_, error>;
  virtual tenon::expected<void, error> delete_(std::string_view key) = 0;

  // exists: func(key: string) -> result<bool, error>;
  virtual tenon::expected<bool, error> exists(std::string_view key) = 0;

  // list-keys: func(cursor: option<string>) -> result<key-response, error>;
  virtual tenon::expected<key_response, error> list_keys(
      const std::optional<std::string_view>& cursor) = 0;
};

// The functions that the instance implements.
class exports {
 public:
  exports() = default;
  exports(const exports&) = delete;
  exports& operator=(const exports&) = delete;
  virtual ~exports() = default;

  // open: func(identifier: string) -> result<bucket, error>;
  virtual tenon::expected<std::shared_ptr<bucket>, error> open(std::string_view identifier) = 0;
};
}  // namespace keyvalue_host::store

// wasi:keyvalue/atomics@0.2.0-draft2
namespace keyvalue_host::atomics {
class cas;
using bucket = ::keyvalue_host::store::bucket;
using error = ::keyvalue_host::store::error;
struct cas_error {
  struct store_error {
    ::keyvalue_host::store::error value;
    bool operator==(const store_error&) const = default;
  };
  struct cas_failed {
    std::shared_ptr<::keyvalue_host::atomics::cas> value;
    bool operator==(const cas_failed&) const = default;
  };
  enum class cases { store_error, cas_failed };
  cas_error() = default;
  cas_error(store_error init_) : which(std::move(init_)) {}
  cas_error(cas_failed init_) : which(std::move(init_)) {}
  [[nodiscard]] cases which_case() const { return static_cast<cases>(which.index()); }
  bool operator==(const cas_error&) const = default;
  std::variant<store_error, cas_failed> which;
};

class cas {
 public:
  cas() = default;
  cas(const cas&) = delete;
  cas& operator=(const cas&) = delete;
  virtual ~cas() = default;

  // current: func() -> result<option<list<u8>>, error>;
  virtual tenon::expected<std::optional<std::vector<std::uint8_t>>, ::keyvalue_host::store::error>
  current() = 0;
};

// The functions that the instance implements.
class exports {
 public:
  exports() = default;
  exports(const exports&) = delete;
  exports& operator=(const exports&) = delete;
  virtual ~exports() = default;

  // new: static func(bucket: borrow<bucket>, key: string) -> result<cas, error>;
  virtual tenon::expected<std::shared_ptr<::keyvalue_host::atomics::cas>, ::keyvalue_host::store::error>
  cas_new(
      ::keyvalue_host::store::bucket& bucket,
      std::string_view key) = 0;

  // increment: func(bucket: borrow<bucket>, key: string, delta: s64) -> result<s64, error>;
  virtual tenon::expected<std::int64_t, ::keyvalue_host::store::error> increment(
      ::keyvalue_host::store::bucket& bucket,
      std::string_view key,
      std::int64_t delta) = 0;

  // swap: func(cas: cas, value: list<u8>) -> result<_, cas-error>;
  virtual tenon::expected<void, cas_error> swap(
      std::shared_ptr<::keyvalue_host::atomics::cas> cas,
      std::span<const std::uint8_t> value) = 0;
};
}  // namespace keyvalue_host::atomics

// wasi:keyvalue/batch@0.2.0-draft2
namespace keyvalue_host::batch {
using bucket = ::keyvalue_host::store::bucket;
using error = ::keyvalue_host::store::error;

// The functions that the instance implements.
class exports {
 public:
  exports() = default;
  exports(const exports&) = delete;
  exports& operator=(const exports&) = delete;
  virtual ~exports() = default;

  // get-many: func(bucket: borrow<bucket>, keys: list<string>) -> result<list<option<tuple<string, list<u8>>>>, error>;
  virtual tenon::expected<std::vector<std::optional<std::tuple<std::string, std::vector<std::uint8_t>>>>, ::keyvalue_host::store::error>
  get_many(
      ::keyvalue_host::store::bucket& bucket,
      std::span<const std::string_view> keys) = 0;

  // set-many: func(bucket: borrow<bucket>, key-values: list<tuple<string, list<u8>>>) -> result<_, error>;
  virtual tenon::expected<void, ::keyvalue_host::store::error> set_many(
      ::keyvalue_host::store::bucket& bucket,
      std::span<const std::tuple<std::string_view, std::span<const std::uint8_t>>> key_values) = 0;

  // delete-many: func(bucket: borrow<bucket>, keys: list<string>) -> result<_, error>;
  virtual tenon::expected<void, ::keyvalue_host::store::error> delete_many(
      ::keyvalue_host::store::bucket& bucket,
      std::span<const std::string_view> keys) = 0;
};
}  // namespace keyvalue_host::batch

namespace keyvalue_host {
// The base class of a bundle's instances. The derived class also has
// `static create(const tenon::host_config&)`, and can replace `function_flags`.
class instance : public store::exports, public atomics::exports, public batch::exports {
 public:
  instance() = default;
  instance(const instance&) = delete;
  instance& operator=(const instance&) = delete;
  ~instance() override = default;
  // TENON_MAY_BLOCK, TENON_PURE or 0 for a function, for example
  // "tenon:sqlite/sql#[method]connection.query".
  static constexpr std::uint32_t function_flags(std::string_view /*function*/) { return 0; }
};
}  // namespace keyvalue_host

namespace tenon::host_glue {
template <>
struct record_fields<::keyvalue_host::store::key_response> {
  static constexpr auto get() {
    using type = ::keyvalue_host::store::key_response;
    return std::make_tuple(&type::keys, &type::cursor);
  }
};
}  // namespace tenon::host_glue

namespace keyvalue_host {
// TENON_HOST_MODULE finds these three by its Type, which is derived from `instance`.
constexpr instance* module_base(instance* derived) { return derived; }
// Each row has a hash of the function's type, which the host compares with the WIT.
template <class Type>
constexpr std::array<tenon_func_def, 13> module_functions(const instance*) {
  return {{
      {"wasi:keyvalue/store", "open",
       &tenon::host_glue::call_function<instance, &store::exports::open>,
       0xd962a49cf34663ffU, Type::function_flags("wasi:keyvalue/store#open")},
      {"wasi:keyvalue/store", "[method]bucket.get",
       &tenon::host_glue::call_method<instance, &store::bucket::get>,
       0x33d0b9ff28a94777U, Type::function_flags("wasi:keyvalue/store#[method]bucket.get")},
      {"wasi:keyvalue/store", "[method]bucket.set",
       &tenon::host_glue::call_method<instance, &store::bucket::set>,
       0xe599d2e32945903fU, Type::function_flags("wasi:keyvalue/store#[method]bucket.set")},
      {"wasi:keyvalue/store", "[method]bucket.delete",
       &tenon::host_glue::call_method<instance, &store::bucket::delete_>,
       0x6f64456bf8654129U, Type::function_flags("wasi:keyvalue/store#[method]bucket.delete")},
      {"wasi:keyvalue/store", "[method]bucket.exists",
       &tenon::host_glue::call_method<instance, &store::bucket::exists>,
       0xb6dc0023a1a99f78U, Type::function_flags("wasi:keyvalue/store#[method]bucket.exists")},
      {"wasi:keyvalue/store", "[method]bucket.list-keys",
       &tenon::host_glue::call_method<instance, &store::bucket::list_keys>,
       0xe45c97fa83000b50U, Type::function_flags("wasi:keyvalue/store#[method]bucket.list-keys")},
      {"wasi:keyvalue/atomics", "[static]cas.new",
       &tenon::host_glue::call_function<instance, &atomics::exports::cas_new>,
       0x135b462c6ab6bc28U, Type::function_flags("wasi:keyvalue/atomics#[static]cas.new")},
      {"wasi:keyvalue/atomics", "increment",
       &tenon::host_glue::call_function<instance, &atomics::exports::increment>,
       0x88f8c305c5387e8fU, Type::function_flags("wasi:keyvalue/atomics#increment")},
      {"wasi:keyvalue/atomics", "swap",
       &tenon::host_glue::call_function<instance, &atomics::exports::swap>,
       0x7f107feff6cff210U, Type::function_flags("wasi:keyvalue/atomics#swap")},
      {"wasi:keyvalue/atomics", "[method]cas.current",
       &tenon::host_glue::call_method<instance, &atomics::cas::current>,
       0xe0426579847c33b5U, Type::function_flags("wasi:keyvalue/atomics#[method]cas.current")},
      {"wasi:keyvalue/batch", "get-many",
       &tenon::host_glue::call_function<instance, &batch::exports::get_many>,
       0xcf68e72ddefa99e6U, Type::function_flags("wasi:keyvalue/batch#get-many")},
      {"wasi:keyvalue/batch", "set-many",
       &tenon::host_glue::call_function<instance, &batch::exports::set_many>,
       0x74e89f27fbd02cb7U, Type::function_flags("wasi:keyvalue/batch#set-many")},
      {"wasi:keyvalue/batch", "delete-many",
       &tenon::host_glue::call_function<instance, &batch::exports::delete_many>,
       0x4735f9fd6b67fd8cU, Type::function_flags("wasi:keyvalue/batch#delete-many")},
  }};
}
constexpr std::array<tenon_resource_def, 2> module_resources(const instance*) {
  return {{
      {"wasi:keyvalue/store", "bucket",
       &tenon::host_glue::drop_resource<instance, store::bucket>},
      {"wasi:keyvalue/atomics", "cas",
       &tenon::host_glue::drop_resource<instance, atomics::cas>},
  }};
}
}  // namespace keyvalue_host
