// Made by `tenon bindgen cpp` from the WIT of demo:bindings/counters@1.0.0. Do not edit.
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
namespace counters::detail {
struct functions;
}

// demo:domains/lib@1.0.0
namespace counters::exports::lib {
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

// A resource of a unit. Destroying it drops the resource.
class counter final : public tenon::Resource {
 public:
  static constexpr std::string_view resource_name = "counter";
  counter() = default;
  // functions: those of the unit; null for an item of a stream, whose methods then fail.
  counter(tenon::Resource resource, std::shared_ptr<const tenon::detail::ResourceFunctions> functions);

  // next: func() -> u32;
  [[nodiscard]] tenon::CallResult<std::uint32_t> next() const;

  // peek: func(other: borrow<counter>) -> u32;
  [[nodiscard]] tenon::CallResult<std::uint32_t> peek(const counter& other) const;

 private:
  std::shared_ptr<const detail::functions> functions_;
};

// The functions of a unit. Copies refer to the same ones.
class functions final {
 public:
  explicit functions(std::shared_ptr<const detail::functions> all) : all_(std::move(all)) {}

  // constructor(start: u32);
  [[nodiscard]] tenon::CallResult<counter> make_counter(std::uint32_t start) const;

  // merge: static func(a: counter, b: counter) -> counter;
  [[nodiscard]] tenon::CallResult<counter> counter_merge(counter a, counter b) const;

  // add: func(a: u32, b: u32) -> u32;
  [[nodiscard]] tenon::CallResult<std::uint32_t> add(std::uint32_t a, std::uint32_t b) const;

  // echo: func(s: string) -> string;
  [[nodiscard]] tenon::CallResult<std::string> echo(std::string_view s) const;

  // echo-bytes: func(bytes: list<u8>) -> list<u8>;
  [[nodiscard]] tenon::CallResult<std::vector<std::uint8_t>> echo_bytes(
      std::span<const std::uint8_t> bytes) const;

  // echo-points: func(points: list<point>) -> list<point>;
  [[nodiscard]] tenon::CallResult<std::vector<point>> echo_points(
      std::span<const point> points) const;

  // echo-named: func(named: list<named>) -> list<named>;
  [[nodiscard]] tenon::CallResult<std::vector<::counters::exports::lib::named>> echo_named(
      std::span<const ::counters::exports::lib::named> named) const;

  // echo-mixed: func(a: option<string>, b: result<u8, string>, c: tuple<char, bool, s64>, d: trouble, e: marks) -> tuple<option<string>, result<u8, string>, tuple<char, bool, s64>, trouble, marks>;
  [[nodiscard]] tenon::CallResult<std::tuple<std::optional<std::string>, tenon::Expected<std::uint8_t, std::string>, std::tuple<char32_t, bool, std::int64_t>, trouble, marks>> echo_mixed(
      const std::optional<std::string>& a,
      const tenon::Expected<std::uint8_t, std::string>& b,
      const std::tuple<char32_t, bool, std::int64_t>& c,
      const trouble& d,
      const marks& e) const;

  // How often it was called, in this life.
  // calls: func() -> u32;
  [[nodiscard]] tenon::CallResult<std::uint32_t> calls() const;

  // boom: func();
  [[nodiscard]] tenon::CallResult<void> boom() const;

  // spin: func();
  [[nodiscard]] tenon::CallResult<void> spin() const;

  // Grows the memory; how many pages it has then, or 0.
  // grow: func(pages: u32) -> u32;
  [[nodiscard]] tenon::CallResult<std::uint32_t> grow(std::uint32_t pages) const;

  // These trap for 0.
  // check-text: func(n: u32) -> result<u32, string>;
  [[nodiscard]] tenon::CallResult<tenon::Expected<std::uint32_t, std::string>> check_text(
      std::uint32_t n) const;

  // check-trouble: func(n: u32) -> result<u32, trouble>;
  [[nodiscard]] tenon::CallResult<tenon::Expected<std::uint32_t, trouble>> check_trouble(
      std::uint32_t n) const;

  // check-reason: func(n: u32) -> result<u32, reason>;
  [[nodiscard]] tenon::CallResult<tenon::Expected<std::uint32_t, reason>> check_reason(
      std::uint32_t n) const;

  // Counters that live.
  // alive: func() -> u32;
  [[nodiscard]] tenon::CallResult<std::uint32_t> alive() const;

  // consume: func(c: counter) -> u32;
  [[nodiscard]] tenon::CallResult<std::uint32_t> consume(counter c) const;

  // Traps in its destructor.
  // make-bad: func() -> counter;
  [[nodiscard]] tenon::CallResult<counter> make_bad() const;

 private:
  std::shared_ptr<const detail::functions> all_;
};
}  // namespace counters::exports::lib

// demo:domains/keeper@1.0.0
namespace counters::exports::keeper {
using counter = ::counters::exports::lib::counter;

// The functions of a unit. Copies refer to the same ones.
class functions final {
 public:
  explicit functions(std::shared_ptr<const detail::functions> all) : all_(std::move(all)) {}

  // keep: func(c: counter);
  [[nodiscard]] tenon::CallResult<void> keep(::counters::exports::lib::counter c) const;

  // take: func() -> option<counter>;
  [[nodiscard]] tenon::CallResult<std::optional<::counters::exports::lib::counter>> take() const;

  // kept: func() -> u32;
  [[nodiscard]] tenon::CallResult<std::uint32_t> kept() const;

  // keep-all: func(counters: list<counter>) -> u32;
  [[nodiscard]] tenon::CallResult<std::uint32_t> keep_all(
      std::vector<::counters::exports::lib::counter> counters) const;

  // sum: func(a: borrow<counter>, b: borrow<counter>) -> u32;
  [[nodiscard]] tenon::CallResult<std::uint32_t> sum(
      const ::counters::exports::lib::counter& a,
      const ::counters::exports::lib::counter& b) const;

  // swallow: func(c: counter);
  [[nodiscard]] tenon::CallResult<void> swallow(::counters::exports::lib::counter c) const;

 private:
  std::shared_ptr<const detail::functions> all_;
};
}  // namespace counters::exports::keeper

namespace counters {
// The exports of a composition or of one unit.
class instance final {
 public:
  // Looks up all functions. Errors: run-no-function, type-signature: of all functions together.
  static tenon::Result<instance> find(const tenon::Composition& from);
  static tenon::Result<instance> find(const tenon::Unit& from);

  exports::lib::functions lib;
  exports::keeper::functions keeper;

 private:
  explicit instance(const std::shared_ptr<const detail::functions>& all_);
};
}  // namespace counters
