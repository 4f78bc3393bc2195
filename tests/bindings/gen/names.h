// Made by `tenon bindgen cpp` from the WIT of demo:names/names-world@1.0.0. Do not edit.
#pragma once

#include <tenon/record.h>
#include <tenon/result.h>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace tenon {
class Composition;
class CompositionBuilder;
class Unit;
}  // namespace tenon
namespace tenon::detail {
struct ResourceFunctions;
}
namespace names::detail {
struct functions;
}

// second:kit/only-types@1.0.0
namespace names::only_types {
struct point;
struct point {
  std::int32_t x = 0;
  bool operator==(const point&) const = default;
};
TENON_RECORD(point, x)
}  // namespace names::only_types

// demo:names/std@1.0.0
namespace names::exports::std_ {
class exports_;
struct class_;
enum class enum_ : std::uint32_t;
struct flags;
enum class error_code : std::uint32_t;
struct error;
struct union_;
using point = ::names::only_types::point;
using string = std::string;
using tenon_ = std::vector<error_code>;
using borrow_count = std::uint32_t;
struct class_ {
  std::uint8_t class__ = 0;
  std::string which_ = {};
  std::int32_t int_ = 0;
  ::names::only_types::point value = {};
  std::uint8_t errno_ = 0;
  bool operator==(const class_&) const = default;
};
TENON_RECORD(class_, class__, which_, int_, value, errno_)
enum class enum_ : std::uint32_t {
  enum_,
  new_,
  delete_,
  and_,
  b_side,
};
TENON_ENUM(enum_, enum_, new_, delete_, and_, b_side)
struct flags {
  bool flags_ = false;
  bool which_ = false;
  bool volatile_ = false;
  bool linux_ = false;
  bool operator==(const flags&) const = default;
};
TENON_FLAGS(flags, flags_, which_, volatile_, linux_)
enum class error_code : std::uint32_t {
  bad,
};
TENON_ENUM(error_code, bad)
struct error {
  string std_ = {};
  ::names::exports::std_::tenon_ tenon_ = {};
  bool operator==(const error&) const = default;
};
TENON_RECORD(error, std_, tenon_)
struct union_ {
  struct union__ {
    ::names::exports::std_::class_ value;
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
    ::names::exports::std_::error value;
    bool operator==(const error&) const = default;
  };
  struct list {
    std::vector<::names::exports::std_::error> value;
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
TENON_VARIANT(union_, union__, value_, which_, error, list, none)

// A resource of a unit. Destroying it drops the resource.
class exports_ final : public tenon::Resource {
 public:
  static constexpr std::string_view resource_name = "exports";
  exports_() = default;
  // functions: those of the unit; null for an item of a stream, whose methods then fail.
  exports_(tenon::Resource resource, std::shared_ptr<const tenon::detail::ResourceFunctions> functions);

  // all: func() -> borrow-count;
  [[nodiscard]] tenon::CallResult<borrow_count> all() const;

  // get: func(exports: list<exports>) -> list<option<exports>>;
  [[nodiscard]] tenon::CallResult<std::vector<std::optional<exports_>>> get(
      std::vector<exports_> exports) const;

 private:
  std::shared_ptr<const detail::functions> functions_;
};

// The functions of a unit. Copies refer to the same ones.
class functions final {
 public:
  explicit functions(std::shared_ptr<const detail::functions> all) : all_(std::move(all)) {}

  // constructor();
  [[nodiscard]] tenon::CallResult<exports_> make_exports() const;

  // operator: static func(exports: borrow<exports>) -> exports;
  [[nodiscard]] tenon::CallResult<exports_> exports_operator(const exports_& exports) const;

  // fail: func(error: error, other: error) -> result<error, error-code>;
  [[nodiscard]] tenon::CallResult<tenon::Expected<::names::exports::std_::error, error_code>> fail(
      const ::names::exports::std_::error& error,
      const ::names::exports::std_::error& other) const;

  // auto: func(self: u8, this: union, made: class) -> %enum;
  [[nodiscard]] tenon::CallResult<enum_> auto_(
      std::uint8_t self,
      const ::names::exports::std_::union_& this_,
      const ::names::exports::std_::class_& made) const;

  // exports-operator: func();
  [[nodiscard]] tenon::CallResult<void> exports_operator_() const;

  // make-exports: func() -> exports;
  [[nodiscard]] tenon::CallResult<exports_> make_exports_() const;

 private:
  std::shared_ptr<const detail::functions> all_;
};
}  // namespace names::exports::std_

// demo:names/tenon@1.0.0
namespace names::exports::tenon_ {
struct flags;
struct flags {
  bool a = false;
  bool operator==(const flags&) const = default;
};
TENON_FLAGS(flags, a)

// The functions of a unit. Copies refer to the same ones.
class functions final {
 public:
  explicit functions(std::shared_ptr<const detail::functions> all) : all_(std::move(all)) {}

  // create: func();
  [[nodiscard]] tenon::CallResult<void> create() const;

  // function-flags: func();
  [[nodiscard]] tenon::CallResult<void> function_flags() const;

  // run: func(labels: %flags);
  [[nodiscard]] tenon::CallResult<void> run(const flags& labels) const;

 private:
  std::shared_ptr<const detail::functions> all_;
};
}  // namespace names::exports::tenon_

// demo:names/instance@1.0.0
namespace names::exports::instance_ {
using exports_ = ::names::exports::std_::exports_;
using either = ::names::exports::std_::union_;

// The functions of a unit. Copies refer to the same ones.
class functions final {
 public:
  explicit functions(std::shared_ptr<const detail::functions> all) : all_(std::move(all)) {}

  // run: func(e: borrow<exports>) -> either;
  [[nodiscard]] tenon::CallResult<::names::exports::std_::union_> run(
      const ::names::exports::std_::exports_& e) const;

  // module-name: func() -> string;
  [[nodiscard]] tenon::CallResult<std::string> module_name() const;

 private:
  std::shared_ptr<const detail::functions> all_;
};
}  // namespace names::exports::instance_

// first:kit/types@1.0.0
namespace names::exports::first_kit_types {
struct error;
struct error {
  std::string error_ = {};
  bool operator==(const error&) const = default;
};
TENON_RECORD(error, error_)

// The functions of a unit. Copies refer to the same ones.
class functions final {
 public:
  explicit functions(std::shared_ptr<const detail::functions> all) : all_(std::move(all)) {}

  // make: func() -> error;
  [[nodiscard]] tenon::CallResult<::names::exports::first_kit_types::error> make() const;

 private:
  std::shared_ptr<const detail::functions> all_;
};
}  // namespace names::exports::first_kit_types

// second:kit/types@1.0.0
namespace names::exports::second_kit_types {
using fault = ::names::exports::first_kit_types::error;
using again = ::names::exports::first_kit_types::error;

// The functions of a unit. Copies refer to the same ones.
class functions final {
 public:
  explicit functions(std::shared_ptr<const detail::functions> all) : all_(std::move(all)) {}

  // make: func(fault: fault) -> fault;
  [[nodiscard]] tenon::CallResult<::names::exports::first_kit_types::error> make(
      const ::names::exports::first_kit_types::error& fault) const;

 private:
  std::shared_ptr<const detail::functions> all_;
};
}  // namespace names::exports::second_kit_types

// inline
namespace names::exports::inline_ {
struct inline_;
struct inline_ {
  std::uint8_t inline__ = 0;
  bool operator==(const inline_&) const = default;
};
TENON_RECORD(inline_, inline__)

// The functions of a unit. Copies refer to the same ones.
class functions final {
 public:
  explicit functions(std::shared_ptr<const detail::functions> all) : all_(std::move(all)) {}

  // fill: func(inline: inline) -> inline;
  [[nodiscard]] tenon::CallResult<::names::exports::inline_::inline_> fill(
      const ::names::exports::inline_::inline_& inline_) const;

 private:
  std::shared_ptr<const detail::functions> all_;
};
}  // namespace names::exports::inline_

// Items of the world itself.
namespace names::exports::world {

// The functions of a unit. Copies refer to the same ones.
class functions final {
 public:
  explicit functions(std::shared_ptr<const detail::functions> all) : all_(std::move(all)) {}

  // alone: func(%string: string) -> string;
  [[nodiscard]] tenon::CallResult<std::string> alone(std::string_view string) const;

 private:
  std::shared_ptr<const detail::functions> all_;
};
}  // namespace names::exports::world

namespace names {
// The exports of a composition or of one unit.
class instance final {
 public:
  // Looks up all functions. Errors: run-no-function, type-signature: of all functions together.
  static tenon::Result<instance> find(const tenon::Composition& from);
  static tenon::Result<instance> find(const tenon::Unit& from);

  exports::std_::functions std_;
  exports::tenon_::functions tenon_;
  exports::instance_::functions instance_;
  exports::first_kit_types::functions first_kit_types;
  exports::second_kit_types::functions second_kit_types;
  exports::inline_::functions inline_;
  exports::world::functions world;

 private:
  explicit instance(const std::shared_ptr<const detail::functions>& all_);
};
}  // namespace names
