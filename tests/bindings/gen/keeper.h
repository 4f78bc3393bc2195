// Made by `tenon bindgen cpp` from the WIT of demo:domains/keeper-unit@1.0.0. Do not edit.
#pragma once

#include <tenon/record.h>
#include <tenon/result.h>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
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
namespace keeper::detail {
struct functions;
}

// demo:domains/lib@1.0.0
namespace keeper::lib {
class counter;
struct point;
struct named;
struct trouble;
enum class reason : std::uint32_t;
struct marks;
struct point {
  std::uint32_t x = 0;
  std::uint64_t y = 0;
  double z = 0;
  bool operator==(const point&) const = default;
};
TENON_RECORD(point, x, y, z)
struct named {
  std::uint32_t id = 0;
  std::string name = {};
  double weight = 0;
  bool operator==(const named&) const = default;
};
TENON_RECORD(named, id, name, weight)
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
TENON_VARIANT(trouble, gone, other)
enum class reason : std::uint32_t {
  down,
  bad,
};
TENON_ENUM(reason, down, bad)
struct marks {
  bool red = false;
  bool green = false;
  bool blue = false;
  bool operator==(const marks&) const = default;
};
TENON_FLAGS(marks, red, green, blue)

// A resource of the program. Units hold handles of its objects.
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

// The functions that the program provides. An exception is a trap in the unit that called.
class host {
 public:
  host() = default;
  host(const host&) = delete;
  host& operator=(const host&) = delete;
  virtual ~host() = default;

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
  virtual std::vector<point> echo_points(std::vector<point> points) = 0;

  // echo-named: func(named: list<named>) -> list<named>;
  virtual std::vector<::keeper::lib::named> echo_named(
      std::vector<::keeper::lib::named> named) = 0;

  // echo-mixed: func(a: option<string>, b: result<u8, string>, c: tuple<char, bool, s64>, d: trouble, e: marks) -> tuple<option<string>, result<u8, string>, tuple<char, bool, s64>, trouble, marks>;
  virtual std::tuple<std::optional<std::string>, tenon::Expected<std::uint8_t, std::string>, std::tuple<char32_t, bool, std::int64_t>, trouble, marks> echo_mixed(
      std::optional<std::string> a,
      tenon::Expected<std::uint8_t, std::string> b,
      std::tuple<char32_t, bool, std::int64_t> c,
      trouble d,
      marks e) = 0;

  // How often it was called, in this life.
  // calls: func() -> u32;
  virtual std::uint32_t calls() = 0;

  // boom: func();
  virtual void boom() = 0;

  // spin: func();
  virtual void spin() = 0;

  // Grows the memory; how many pages it has then, or 0.
  // grow: func(pages: u32) -> u32;
  virtual std::uint32_t grow(std::uint32_t pages) = 0;

  // These trap for 0.
  // check-text: func(n: u32) -> result<u32, string>;
  virtual tenon::Expected<std::uint32_t, std::string> check_text(std::uint32_t n) = 0;

  // check-trouble: func(n: u32) -> result<u32, trouble>;
  virtual tenon::Expected<std::uint32_t, trouble> check_trouble(std::uint32_t n) = 0;

  // check-reason: func(n: u32) -> result<u32, reason>;
  virtual tenon::Expected<std::uint32_t, reason> check_reason(std::uint32_t n) = 0;

  // Counters that live.
  // alive: func() -> u32;
  virtual std::uint32_t alive() = 0;

  // consume: func(c: counter) -> u32;
  virtual std::uint32_t consume(std::shared_ptr<counter> c) = 0;

  // Traps in its destructor.
  // make-bad: func() -> counter;
  virtual std::shared_ptr<counter> make_bad() = 0;
};
// consumers: the units that get these functions; empty: all.
void provide(tenon::CompositionBuilder& builder, std::shared_ptr<host> to,
             const std::vector<std::string>& consumers = {});
}  // namespace keeper::lib

// demo:domains/keeper@1.0.0
namespace keeper::exports::keeper {
using counter = ::keeper::lib::counter;

// The functions of a unit. Copies refer to the same ones.
class functions final {
 public:
  explicit functions(std::shared_ptr<const detail::functions> all) : all_(std::move(all)) {}

  // keep: func(c: counter);
  [[nodiscard]] tenon::CallResult<void> keep(std::shared_ptr<::keeper::lib::counter> c) const;

  // take: func() -> option<counter>;
  [[nodiscard]] tenon::CallResult<std::optional<std::shared_ptr<::keeper::lib::counter>>> take() const;

  // kept: func() -> u32;
  [[nodiscard]] tenon::CallResult<std::uint32_t> kept() const;

  // keep-all: func(counters: list<counter>) -> u32;
  [[nodiscard]] tenon::CallResult<std::uint32_t> keep_all(
      std::span<const std::shared_ptr<::keeper::lib::counter>> counters) const;

  // sum: func(a: borrow<counter>, b: borrow<counter>) -> u32;
  [[nodiscard]] tenon::CallResult<std::uint32_t> sum(
      const std::shared_ptr<::keeper::lib::counter>& a,
      const std::shared_ptr<::keeper::lib::counter>& b) const;

  // swallow: func(c: counter);
  [[nodiscard]] tenon::CallResult<void> swallow(std::shared_ptr<::keeper::lib::counter> c) const;

 private:
  std::shared_ptr<const detail::functions> all_;
};
}  // namespace keeper::exports::keeper

namespace keeper {
// The exports of a composition or of one unit.
class instance final {
 public:
  // Looks up all functions. Errors: run-no-function, type-signature: of all functions together.
  static tenon::Result<instance> find(const tenon::Composition& from);
  static tenon::Result<instance> find(const tenon::Unit& from);

  exports::keeper::functions keeper;

 private:
  explicit instance(const std::shared_ptr<const detail::functions>& all_);
};
}  // namespace keeper
