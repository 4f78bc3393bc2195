// Made by `tenon bindgen cpp` from the WIT of demo:names/names-world@1.0.0. Do not edit.
#pragma once

#include <tenon/host.h>
#include <tenon/record.h>
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

// second:kit/only-types@1.0.0
namespace names_provided::exports::only_types {
struct point;
struct point {
  std::int32_t x = 0;
  bool operator==(const point&) const = default;
};
TENON_RECORD(point, x)
}  // namespace names_provided::exports::only_types

// demo:names/std@1.0.0
namespace names_provided::std_ {
class exports_;
struct class_;
enum class enum_ : std::uint32_t;
struct flags;
enum class error_code : std::uint32_t;
struct error;
struct union_;
using point = ::names_provided::exports::only_types::point;
using string = std::string;
using tenon_ = std::vector<error_code>;
using borrow_count = std::uint32_t;
struct class_ {
  std::uint8_t class__ = 0;
  std::string which_ = {};
  std::int32_t int_ = 0;
  ::names_provided::exports::only_types::point value = {};
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
  ::names_provided::std_::tenon_ tenon_ = {};
  bool operator==(const error&) const = default;
};
TENON_RECORD(error, std_, tenon_)
struct union_ {
  struct union__ {
    ::names_provided::std_::class_ value;
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
    ::names_provided::std_::error value;
    bool operator==(const error&) const = default;
  };
  struct list {
    std::vector<::names_provided::std_::error> value;
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

// A resource of the program. Units hold handles of its objects.
class exports_ {
 public:
  exports_() = default;
  exports_(const exports_&) = delete;
  exports_& operator=(const exports_&) = delete;
  virtual ~exports_() = default;

  // all: func() -> borrow-count;
  virtual borrow_count all(const tenon::Caller& caller) = 0;

  // get: func(exports: list<exports>) -> list<option<exports>>;
  virtual std::vector<std::optional<std::shared_ptr<exports_>>> get(
      const tenon::Caller& caller,
      std::vector<std::shared_ptr<exports_>> exports) = 0;
};

// The functions that the program provides. An exception is a trap in the unit that called.
class host {
 public:
  host() = default;
  host(const host&) = delete;
  host& operator=(const host&) = delete;
  virtual ~host() = default;

  // constructor();
  virtual std::shared_ptr<exports_> make_exports(const tenon::Caller& caller) = 0;

  // operator: static func(exports: borrow<exports>) -> exports;
  virtual std::shared_ptr<exports_> exports_operator(
      const tenon::Caller& caller,
      exports_& exports) = 0;

  // fail: func(error: error, other: error) -> result<error, error-code>;
  virtual tenon::Expected<::names_provided::std_::error, error_code> fail(
      const tenon::Caller& caller,
      ::names_provided::std_::error error,
      ::names_provided::std_::error other) = 0;

  // auto: func(self: u8, this: union, made: class) -> %enum;
  virtual enum_ auto_(
      const tenon::Caller& caller,
      std::uint8_t self_,
      ::names_provided::std_::union_ this_,
      ::names_provided::std_::class_ made) = 0;

  // exports-operator: func();
  virtual void exports_operator_(const tenon::Caller& caller) = 0;

  // make-exports: func() -> exports;
  virtual std::shared_ptr<exports_> make_exports_(const tenon::Caller& caller) = 0;
};
// consumers: the units that get these functions; empty: all.
void provide(tenon::CompositionBuilder& builder, std::shared_ptr<host> to,
             const std::vector<std::string>& consumers = {});
}  // namespace names_provided::std_

// demo:names/tenon@1.0.0
namespace names_provided::tenon_ {
struct flags;
struct flags {
  bool a = false;
  bool operator==(const flags&) const = default;
};
TENON_FLAGS(flags, a)

// The functions that the program provides. An exception is a trap in the unit that called.
class host {
 public:
  host() = default;
  host(const host&) = delete;
  host& operator=(const host&) = delete;
  virtual ~host() = default;

  // create: func();
  virtual void create(const tenon::Caller& caller) = 0;

  // function-flags: func();
  virtual void function_flags(const tenon::Caller& caller) = 0;

  // run: func(labels: %flags);
  virtual void run(const tenon::Caller& caller, flags labels) = 0;
};
// consumers: the units that get these functions; empty: all.
void provide(tenon::CompositionBuilder& builder, std::shared_ptr<host> to,
             const std::vector<std::string>& consumers = {});
}  // namespace names_provided::tenon_

// demo:names/instance@1.0.0
namespace names_provided::instance_ {
using exports_ = ::names_provided::std_::exports_;
using either = ::names_provided::std_::union_;

// The functions that the program provides. An exception is a trap in the unit that called.
class host {
 public:
  host() = default;
  host(const host&) = delete;
  host& operator=(const host&) = delete;
  virtual ~host() = default;

  // run: func(e: borrow<exports>) -> either;
  virtual ::names_provided::std_::union_ run(
      const tenon::Caller& caller,
      ::names_provided::std_::exports_& e) = 0;

  // module-name: func() -> string;
  virtual std::string module_name(const tenon::Caller& caller) = 0;
};
// consumers: the units that get these functions; empty: all.
void provide(tenon::CompositionBuilder& builder, std::shared_ptr<host> to,
             const std::vector<std::string>& consumers = {});
}  // namespace names_provided::instance_

// first:kit/types@1.0.0
namespace names_provided::first_kit_types {
struct error;
struct error {
  std::string error_ = {};
  bool operator==(const error&) const = default;
};
TENON_RECORD(error, error_)

// The functions that the program provides. An exception is a trap in the unit that called.
class host {
 public:
  host() = default;
  host(const host&) = delete;
  host& operator=(const host&) = delete;
  virtual ~host() = default;

  // make: func() -> error;
  virtual ::names_provided::first_kit_types::error make(const tenon::Caller& caller) = 0;
};
// consumers: the units that get these functions; empty: all.
void provide(tenon::CompositionBuilder& builder, std::shared_ptr<host> to,
             const std::vector<std::string>& consumers = {});
}  // namespace names_provided::first_kit_types

// second:kit/types@1.0.0
namespace names_provided::second_kit_types {
using fault = ::names_provided::first_kit_types::error;
using again = ::names_provided::first_kit_types::error;

// The functions that the program provides. An exception is a trap in the unit that called.
class host {
 public:
  host() = default;
  host(const host&) = delete;
  host& operator=(const host&) = delete;
  virtual ~host() = default;

  // make: func(fault: fault) -> fault;
  virtual ::names_provided::first_kit_types::error make(
      const tenon::Caller& caller,
      ::names_provided::first_kit_types::error fault) = 0;
};
// consumers: the units that get these functions; empty: all.
void provide(tenon::CompositionBuilder& builder, std::shared_ptr<host> to,
             const std::vector<std::string>& consumers = {});
}  // namespace names_provided::second_kit_types

// inline
namespace names_provided::inline_ {
struct inline_;
struct inline_ {
  std::uint8_t inline__ = 0;
  bool operator==(const inline_&) const = default;
};
TENON_RECORD(inline_, inline__)

// The functions that the program provides. An exception is a trap in the unit that called.
class host {
 public:
  host() = default;
  host(const host&) = delete;
  host& operator=(const host&) = delete;
  virtual ~host() = default;

  // fill: func(inline: inline) -> inline;
  virtual ::names_provided::inline_::inline_ fill(
      const tenon::Caller& caller,
      ::names_provided::inline_::inline_ inline_) = 0;
};
// consumers: the units that get these functions; empty: all.
void provide(tenon::CompositionBuilder& builder, std::shared_ptr<host> to,
             const std::vector<std::string>& consumers = {});
}  // namespace names_provided::inline_

// Items of the world itself.
namespace names_provided::world {

// The functions that the program provides. An exception is a trap in the unit that called.
class host {
 public:
  host() = default;
  host(const host&) = delete;
  host& operator=(const host&) = delete;
  virtual ~host() = default;

  // alone: func(%string: string) -> string;
  virtual std::string alone(const tenon::Caller& caller, std::string_view string) = 0;
};
// consumers: the units that get these functions; empty: all.
void provide(tenon::CompositionBuilder& builder, std::shared_ptr<host> to,
             const std::vector<std::string>& consumers = {});
}  // namespace names_provided::world
