// Guests that break the Canonical ABI over a bridge, as caller and as callee: the guest that broke
// it ends, the other one and a third one continue, and no resource is lost.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "engine/wat.h"
#include "tenon/builder.h"
#include "tenon/composition.h"
#include "tenon/function.h"

namespace tenon::hostile_guest_test {
namespace {

using testing::HasSubstr;

constexpr std::string_view kDriver;  // its functions are in no interface
constexpr std::string_view kLib = "test:hostile/lib";
constexpr std::string_view kStore = "test:hostile/store";

// Makes things, and counts the existing ones.
constexpr std::string_view kStoreText = R"((component
  (core module $dropping
    (global $alive (mut i32) (i32.const 0))
    (func (export "add") (param i32)
      (global.set $alive (i32.add (global.get $alive) (local.get 0))))
    (func (export "drop") (param i32)
      (global.set $alive (i32.sub (global.get $alive) (i32.const 1))))
    (func (export "alive") (result i32) (global.get $alive)))
  (core instance $dropping (instantiate $dropping))
  (type $t (resource (rep i32) (dtor (func $dropping "drop"))))
  (core func $new (canon resource.new $t))
  (core module $code
    (import "" "new" (func $new (param i32) (result i32)))
    (import "" "add" (func $add (param i32)))
    (func (export "make") (result i32) (call $add (i32.const 1)) (call $new (i32.const 7)))
    (func (export "ping") (result i32) (i32.const 5)))
  (core instance $code (instantiate $code (with "" (instance
    (export "new" (func $new)) (export "add" (func $dropping "add"))))))
  (func $make (result (own $t)) (canon lift (core func $code "make")))
  (func $alive (result u32) (canon lift (core func $dropping "alive")))
  (func $ping (result u32) (canon lift (core func $code "ping")))
  (component $shape
    (import "t" (type $t (sub resource)))
    (import "make" (func $make (result (own $t))))
    (import "alive" (func $alive (result u32)))
    (import "ping" (func $ping (result u32)))
    (export $e "thing" (type $t))
    (export "make" (func $make) (func (result (own $e))))
    (export "alive" (func $alive))
    (export "ping" (func $ping)))
  (instance $store (instantiate $shape
    (with "t" (type $t)) (with "make" (func $make)) (with "alive" (func $alive))
    (with "ping" (func $ping))))
  (export "test:hostile/store" (instance $store))))";

// A function of `lib` with a `result<.., string>`. For each, the driver has a function that takes
// the flat params as numbers and returns whether it got `err`.
struct Offer {
  std::string_view name;
  std::string_view params;
  std::string_view core_params;
  std::string_view ok;
  std::string_view core;  // the code that makes the result
  bool tells = true;      // else the function returns a value other than `result`
};

// Functions that count their params and ignore the values.
constexpr std::string_view kTaken = R"(
  (global.set $calls (i32.add (global.get $calls) (i32.const 1)))
  (i32.store8 (i32.const 16) (i32.const 0))
  (i32.store (i32.const 20) (global.get $calls))
  (i32.const 16))";
// The params are the result.
constexpr std::string_view kGivenPair = R"(
  (i32.store8 (i32.const 16) (i32.const 0))
  (i32.store (i32.const 20) (local.get 0))
  (i32.store (i32.const 24) (local.get 1))
  (i32.const 16))";

constexpr Offer kOffers[] = {
    {"take-text", R"((param "p" string))", "i32 i32", "u32", kTaken},
    {"take-words", R"((param "p" (list u64)))", "i32 i32", "u32", kTaken},
    {"take-char", R"((param "p" char))", "i32", "u32", kTaken},
    {"take-color", R"((param "p" $color))", "i32", "u32", kTaken},
    {"take-option", R"((param "p" (option u8)))", "i32 i32", "u32", kTaken},
    {"take-many", R"((param "p" (tuple u64 (list u64 16))))", "i32", "u32", kTaken},
    {"take-thing", R"((param "p" (own $thing)))", "i32", "u32", kTaken},
    {"take-things", R"((param "p" (list (own $thing))))", "i32 i32", "u32", kTaken},
    {"take-both", R"((param "p" (own $thing)) (param "q" string))", "i32 i32 i32", "u32", kTaken},
    {"lend", R"((param "p" (borrow $thing)))", "i32", "u32", kTaken},
    {"give-text", R"((param "p" u32) (param "q" u32))", "i32 i32", "string", kGivenPair},
    {"give-words", R"((param "p" u32) (param "q" u32))", "i32 i32", "(list u64)", kGivenPair},
    {"give-char", R"((param "p" u32) (param "q" u32))", "i32 i32", "char", kGivenPair},
    {"give-color", R"((param "p" u32) (param "q" u32))", "i32 i32", "$color", kGivenPair},
    {"give-option", R"((param "p" u32) (param "q" u32))", "i32 i32", "(option u8)", kGivenPair},
    {"give-things", R"((param "p" u32) (param "q" u32))", "i32 i32", "(list (own $thing))",
     kGivenPair},
    {"give-case", R"((param "p" u32))", "i32", "u32",
     "(i32.store (i32.const 16) (local.get 0)) (i32.const 16)"},
    {"give-at", R"((param "p" u32))", "i32", "u32", "(local.get 0)"},
    {"give-made", R"((param "p" u32))", "i32", "(tuple (own $thing) string)", R"(
  (i32.store8 (i32.const 16) (i32.const 0))
  (i32.store (i32.const 20) (call $make))
  (i32.store (i32.const 24) (i32.const 4096))
  (i32.store (i32.const 28) (local.get 0))
  (i32.const 16))"},
    {"say", R"((param "p" u32))", "i32", "string", "(local.get 0)", false},
};

// The bytes at 1024 in the memory of every guest.
constexpr std::string_view kData = R"((data (i32.const 1024)
  "\ff\fe\41\00"          ;; no UTF-8
  "\00\d8\41\00"          ;; 1028: a surrogate that is half a pair
  "\41\00\00\dc")         ;; 1032: the other half
  (data (i32.const 2048) "hello, all"))";

// `mode`: 1 `realloc` traps, 2 it returns an address out of bounds, 3 a misaligned one, 4 it grows
// the memory each time, 5 post-return traps.
constexpr std::string_view kLibc = R"(
  (core module $libc_code
    (memory (export "memory") 1) )";
constexpr std::string_view kLibcCode = R"(
    (global $mode (mut i32) (i32.const 0))
    (global $top (mut i32) (i32.const 8192))
    (func (export "set-mode") (param i32) (global.set $mode (local.get 0)))
    (func (export "after") (param i32)
      (if (i32.eq (global.get $mode) (i32.const 5)) (then unreachable)))
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) (local $at i32)
      (if (i32.eq (global.get $mode) (i32.const 1)) (then unreachable))
      (if (i32.eq (global.get $mode) (i32.const 2)) (then (return (i32.const -16))))
      (if (i32.eq (global.get $mode) (i32.const 3)) (then (return (i32.const 8193))))
      (if (i32.eq (global.get $mode) (i32.const 4))
        (then (global.set $top (i32.mul (memory.grow (i32.const 1)) (i32.const 65536)))))
      (local.set $at (i32.and (i32.add (global.get $top) (i32.const 7)) (i32.const -8)))
      (global.set $top (i32.add (local.get $at) (local.get 3)))
      (local.get $at)))
  (core instance $libc (instantiate $libc_code)))";

constexpr std::string_view kImportStore = R"(
  (import "test:hostile/store" (instance $store
    (export "thing" (type $thing (sub resource)))
    (export "make" (func (result (own $thing))))
    (export "ping" (func (result u32)))))
  (alias export $store "thing" (type $thing)))";

std::string libc() { return fmt::format("{}{}{}", kLibc, kData, kLibcCode); }

std::string type_of(const Offer& offer) {
  return fmt::format("{} (result {}{}{})", offer.params, offer.tells ? "(result " : "", offer.ok,
                     offer.tells ? " (error string))" : "");
}

constexpr std::string_view kOptions = R"((memory $libc "memory") (realloc (func $libc "realloc")))";

// The configuration of a test.
struct Guests {
  std::string_view encoding;
  bool is_concurrent = false;  // `lib` needs an engine with concurrency
  bool is_apart = false;       // `lib` and `store` are in a composition without `driver`
};

std::string lib_text(const Guests& guests) {
  std::string code;
  std::string exports;
  for (const Offer& offer : kOffers) {
    code += fmt::format("(func (export \"{}\") (param {}) (result i32) {})\n", offer.name,
                        offer.core_params, offer.core);
    exports += fmt::format(
        "(func (export \"{0}\") {1} (canon lift (core func $i \"{0}\") {2} string-encoding={3} "
        "(post-return (func $libc \"after\"))))\n",
        offer.name, type_of(offer), kOptions, guests.encoding);
  }
  // An unused type of concurrent components.
  const std::string_view need = guests.is_concurrent ? "(type (stream u8))" : "";
  return fmt::format(R"((component {0} {4}
  (component $inner {0}
    (core func $make (canon lower (func $store "make")))
    (core func $ping (canon lower (func $store "ping")))
    {1}
    (core module $code
      (import "libc" "memory" (memory 1))
      (import "store" "make" (func $make (result i32)))
      (import "store" "ping" (func $ping (result i32)))
      (global $calls (mut i32) (i32.const 0))
      (func (export "calls") (result i32) (global.get $calls))
      (func (export "ping") (result i32) (call $ping))
      {2})
    (core instance $i (instantiate $code (with "libc" (instance $libc)) (with "store"
      (instance (export "make" (func $make)) (export "ping" (func $ping))))))
    (type $color' (enum "red" "green" "blue"))
    (export $color "color" (type $color'))
    (export "thing" (type $thing))
    (func (export "calls") (result u32) (canon lift (core func $i "calls")))
    (func (export "ping") (result u32) (canon lift (core func $i "ping")))
    (func (export "set-mode") (param "mode" u32) (canon lift (core func $libc "set-mode")))
    {3})
  (instance $lib (instantiate $inner (with "test:hostile/store" (instance $store))))
  (export "test:hostile/lib" (instance $lib))))",
                     kImportStore, libc(), code, exports, need);
}

// Each function of `lib` by flat values; 0: ok, 1: err.
std::string driver_text(std::string_view encoding) {
  std::string imports;
  std::string lowers;
  std::string handles;
  std::string core_imports;
  std::string code;
  std::string exports;
  for (const Offer& offer : kOffers) {
    const auto count = (offer.core_params.size() + 1) / 4;
    imports += fmt::format("(export \"{}\" (func {}))\n", offer.name, type_of(offer));
    lowers +=
        fmt::format("(core func ${0} (canon lower (func $lib \"{0}\") {1} string-encoding={2}))\n",
                    offer.name, kOptions, encoding);
    handles += fmt::format("(export \"{0}\" (func ${0}))\n", offer.name);
    core_imports += fmt::format("(import \"lib\" \"{0}\" (func ${0} (param {1} i32)))\n",
                                offer.name, offer.core_params);
    std::string arguments;
    for (std::size_t i = 0; i < count; ++i) arguments += fmt::format("(local.get {}) ", i);
    code += fmt::format(
        "(func (export \"{0}\") (param i32 i32 i32) (result i32) (call ${0} {1} (i32.const 64)) "
        "(i32.load8_u (i32.const 64)))\n",
        offer.name, arguments);
    exports += fmt::format(
        "(func (export \"{0}\") (param \"a\" u32) (param \"b\" u32) (param \"c\" u32) (result u32) "
        "(canon lift (core func $i \"{0}\")))\n",
        offer.name);
  }
  return fmt::format(R"((component {0}
  (import "test:hostile/lib" (instance $lib
    (alias outer 1 $thing (type $t))
    (export "thing" (type $thing (eq $t)))
    (type $color' (enum "red" "green" "blue"))
    (export "color" (type $color (eq $color')))
    {1}))
  {2}
  (core func $make (canon lower (func $store "make")))
  {3}
  (core module $code
    (import "libc" "memory" (memory 1))
    (import "store" "make" (func $make (result i32)))
    {4}
    (global $calls (mut i32) (i32.const 0))
    (func (export "calls") (result i32)
      (global.set $calls (i32.add (global.get $calls) (i32.const 1)))
      (global.get $calls))
    (func (export "make") (result i32) (call $make))
    (func (export "put") (param i32 i32) (i32.store (local.get 0) (local.get 1)))
    {5})
  (core instance $i (instantiate $code (with "libc" (instance $libc))
    (with "store" (instance (export "make" (func $make))))
    (with "lib" (instance {6}))))
  (func (export "calls") (result u32) (canon lift (core func $i "calls")))
  (func (export "make") (result u32) (canon lift (core func $i "make")))
  (func (export "put") (param "at" u32) (param "n" u32) (canon lift (core func $i "put")))
  (func (export "set-mode") (param "mode" u32) (canon lift (core func $libc "set-mode")))
  {7}))",
                     kImportStore, imports, libc(), lowers, core_imports, code, handles, exports);
}

// The compositions of a test. `owner`: that of `lib` and `store`, if it is another one.
struct All {
  Composition driver;
  std::optional<Composition> owner = {};

  [[nodiscard]] CallResult<std::optional<Value>> call(std::string_view interface,
                                                      std::string_view name,
                                                      std::span<const Value> arguments) const {
    return of(interface).call(interface, name, arguments);
  }
  [[nodiscard]] const Composition& of(std::string_view interface) const {
    return owner && interface != kDriver ? *owner : driver;
  }
};

class HostileGuests : public testing::TestWithParam<Guests> {
 protected:
  static std::vector<std::uint8_t> assemble(std::string_view text) {
    Result<std::vector<std::uint8_t>> wasm = engine::wat_to_wasm("guest.wat", text);
    if (!wasm) ADD_FAILURE() << wasm.error().front().message << wasm.error().front().where.line;
    return wasm ? *std::move(wasm) : std::vector<std::uint8_t>();
  }
  static Composition built(CompositionBuilder& builder) {
    builder.isolate_all();
    Result<Composition> built = builder.build();
    EXPECT_TRUE(built) << built.error().front().message;
    return *std::move(built);
  }
  static All build(const Guests& guests = GetParam()) {
    CompositionBuilder builder;
    builder.add_component("driver", assemble(driver_text(guests.encoding)));
    CompositionBuilder other;
    CompositionBuilder& owner = guests.is_apart ? other : builder;
    owner.add_component("lib", assemble(lib_text(guests)));
    owner.add_component("store", assemble(kStoreText));
    owner.export_item("lib", "test:hostile/lib");
    owner.export_item("store", "test:hostile/store");
    builder.set_root("driver");
    if (!guests.is_apart) return {built(builder)};
    other.set_root("lib");
    Composition lends = built(other);
    for (const char* name : {"lib", "store"}) builder.add_unit(name, *lends.unit(name));
    return {built(builder), std::move(lends)};
  }

  static std::uint32_t number(const CallResult<std::optional<Value>>& result) {
    if (!result) ADD_FAILURE() << failure_diagnostic(result.error()).message;
    return result ? *(*result)->get_if<std::uint32_t>() : UINT32_MAX;
  }
  static std::uint32_t ask(const All& all, std::string_view interface, std::string_view name) {
    return number(all.call(interface, name, {}));
  }
  static void set_mode(const All& all, std::string_view interface, std::uint32_t mode) {
    EXPECT_TRUE(all.call(interface, "set-mode", std::vector{Value::u32(mode)}));
  }
};

struct Call {
  std::string_view name;
  std::vector<std::uint32_t> numbers;
  std::string_view message;
};

void PrintTo(const Call& call, std::ostream* out) {
  *out << fmt::format("{}({})", call.name, fmt::join(call.numbers, ", "));
}

CallResult<std::optional<Value>> drive(const All& all, const Call& call) {
  std::vector<Value> arguments;
  for (std::size_t i = 0; i < 3; ++i)
    arguments.push_back(Value::u32(i < call.numbers.size() ? call.numbers[i] : 0));
  return all.call(kDriver, call.name, arguments);
}

// Invalid text in memory, for each encoding.
Call bad_text(std::string_view name, std::string_view encoding) {
  if (encoding == "utf8") return {name, {1024, 4}, "UTF-8"};
  if (encoding == "utf16") return {name, {1028, 2}, "UTF-16"};
  return {name, {1028, 0x80000002}, "UTF-16"};
}

TEST_P(HostileGuests, ACallerWithInvalidParamsEndsAndTheCalleeContinues) {
  const Call calls[] = {
      {"take-text", {65500, 100}, "in `p`: "},
      {"take-text", {0xfffffff0, 0x20}, "in `p`: "},
      {"take-text", {0, 0x7fffffff}, "in `p`: "},
      {"take-text", {0, 0xffffffff}, "in `p`: "},
      {"take-words", {4, 1}, "address 4 is not a multiple of 8"},
      {"take-words", {8, 0x20000000}, "in `p`: "},
      {"take-words", {8, 0xe0000001}, "in `p`: "},
      {"take-words", {8, 8192}, "in `p`: "},
      {"take-char", {0xd800}, "in `p`: "},
      {"take-char", {0x110000}, "in `p`: "},
      {"take-color", {3}, "in `p`: "},
      {"take-color", {0xffffffff}, "in `p`: "},
      {"take-option", {2, 0}, "in `p`: "},
      {"take-many", {2052}, "aligned"},
      {"take-many", {65536 - 128}, "bounds"},
      {"take-thing", {99}, "handle"},
      {"lend", {99}, "handle"},
      bad_text("take-text", GetParam().encoding),
  };
  for (const Call& call : calls) {
    SCOPED_TRACE(testing::PrintToString(call));
    const All all = build();
    const auto failed = drive(all, call);
    ASSERT_FALSE(failed);
    EXPECT_EQ(failed.error().kind, CallFailure::Kind::Trap);
    EXPECT_EQ(failed.error().unit, "driver");
    EXPECT_THAT(failed.error().message, HasSubstr(call.message));
    EXPECT_EQ(all.call(kDriver, "calls", {}).error().kind, CallFailure::Kind::Ended);
    EXPECT_EQ(ask(all, kLib, "calls"), 0U);
    EXPECT_EQ(ask(all, kLib, "ping"), 5U);
    EXPECT_EQ(ask(all, kStore, "alive"), 0U);
  }
}

TEST_P(HostileGuests, ACallerThatCannotReceiveItsResultEndsAndTheCalleeContinues) {
  const Call calls[] = {
      {"give-text", {2048, 4}, ""},
      {"give-words", {2048, 4}, ""},
  };
  constexpr std::string_view kMessages[] = {"unreachable", "beyond end of memory", "not aligned"};
  for (const Call& call : calls)
    for (std::uint32_t mode = 1; mode <= 3; ++mode) {
      if (mode == 3 && call.name == "give-text" && GetParam().encoding == "utf8") continue;
      SCOPED_TRACE(fmt::format("{} mode {}", call.name, mode));
      const All all = build();
      set_mode(all, kDriver, mode);
      const auto failed = drive(all, call);
      ASSERT_FALSE(failed);
      EXPECT_EQ(failed.error().kind, CallFailure::Kind::Trap);
      EXPECT_EQ(failed.error().unit, "driver");
      EXPECT_THAT(failed.error().message, HasSubstr(kMessages[mode - 1]));
      EXPECT_EQ(ask(all, kLib, "calls"), 0U);
      EXPECT_EQ(ask(all, kLib, "ping"), 5U);
    }
}

TEST_P(HostileGuests, AProgramWithInvalidParamsIsRefusedAndTheCalleeContinues) {
  const All all = build();
  using Taken = Expected<std::uint32_t, std::string>;
  const auto take_char = all.of(kLib).function<Taken(char32_t)>(kLib, "take-char");
  const auto take_text = all.of(kLib).function<Taken(std::string_view)>(kLib, "take-text");
  ASSERT_TRUE(take_char && take_text);
  for (const auto& refused : {(*take_char)(0xd800), (*take_text)("\xff\xfe")}) {
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, CallFailure::Kind::BadCall);
  }
  EXPECT_EQ(ask(all, kLib, "calls"), 0U);
  EXPECT_TRUE((*take_char)(U'x'));
  EXPECT_EQ(ask(all, kLib, "calls"), 1U);
}

TEST_P(HostileGuests, ACalleeWithAnInvalidResultEndsAndTheCallerGetsAFailure) {
  const Call calls[] = {
      {"give-text", {65500, 100}, "in `ok`: "},
      {"give-text", {0, 0xffffffff}, "in `ok`: "},
      {"give-words", {4, 1}, "address 4 is not a multiple of 8"},
      {"give-words", {8, 0x20000000}, "in `ok`: "},
      {"give-char", {0xdfff}, "in `ok`: "},
      {"give-color", {3}, "in `ok`: "},
      {"give-option", {0x102}, "in `ok`: "},
      {"give-case", {2}, "case"},
      {"give-at", {2050}, "is not a multiple of 4"},
      {"give-at", {65536}, "memory"},
      {"give-at", {0xfffffffc}, "memory"},
      {"give-things", {2048, 1}, "handle"},
      {"give-made", {0xffffffff}, "in `ok.1`: "},
      bad_text("give-text", GetParam().encoding),
  };
  for (const Call& call : calls) {
    SCOPED_TRACE(testing::PrintToString(call));
    const All all = build();
    EXPECT_EQ(number(drive(all, call)), 1U);
    EXPECT_EQ(ask(all, kDriver, "calls"), 1U);
    EXPECT_EQ(ask(all, kStore, "alive"), 0U);
    const auto ended = all.call(kLib, "calls", {});
    ASSERT_FALSE(ended);
    EXPECT_EQ(ended.error().kind, CallFailure::Kind::Ended);
    EXPECT_EQ(ended.error().unit, "lib");
    EXPECT_THAT(ended.error().message, HasSubstr(call.message));
  }
}

TEST_P(HostileGuests, ACalleeThatCannotReceiveItsParamsEndsAndTheCallerGetsAFailure) {
  constexpr std::string_view kMessages[] = {"unreachable", "beyond end of memory", "not aligned"};
  for (std::uint32_t mode = 1; mode <= 3; ++mode) {
    SCOPED_TRACE(mode);
    const All all = build();
    set_mode(all, kLib, mode);
    EXPECT_EQ(number(drive(all, {"take-words", {2048, 1}, ""})), 1U);
    EXPECT_EQ(ask(all, kDriver, "calls"), 1U);
    const auto ended = all.call(kLib, "calls", {});
    ASSERT_FALSE(ended);
    EXPECT_EQ(ended.error().unit, "lib");
    EXPECT_THAT(ended.error().message, HasSubstr(kMessages[mode - 1]));
  }
}

TEST_P(HostileGuests, MemoriesCanMove) {
  const All all = build();
  set_mode(all, kLib, 4);
  set_mode(all, kDriver, 4);
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(number(drive(all, {"take-text", {2048, 8}, ""})), 0U);
    EXPECT_EQ(number(drive(all, {"take-many", {2048}, ""})), 0U);
    EXPECT_EQ(number(drive(all, {"give-text", {2048, 8}, ""})), 0U);
  }
  EXPECT_EQ(ask(all, kLib, "calls"), 40U);
}

TEST_P(HostileGuests, ATrapInPostReturnEndsTheCallee) {
  const All all = build();
  set_mode(all, kLib, 5);
  EXPECT_EQ(number(drive(all, {"give-text", {2048, 4}, ""})), 1U);
  EXPECT_EQ(ask(all, kDriver, "calls"), 1U);
  const auto ended = all.call(kLib, "calls", {});
  ASSERT_FALSE(ended);
  EXPECT_THAT(ended.error().message, HasSubstr("unreachable"));
}

// The first of two handles is already passed when the second one turns out to be invalid.
TEST_P(HostileGuests, HandlesInTransitAreDroppedWhenACallFails) {
  const All all = build();
  const std::uint32_t thing = ask(all, kDriver, "make");
  EXPECT_TRUE(all.call(kDriver, "put", std::vector{Value::u32(3000), Value::u32(thing)}));
  EXPECT_TRUE(all.call(kDriver, "put", std::vector{Value::u32(3004), Value::u32(99)}));
  EXPECT_EQ(ask(all, kStore, "alive"), 1U);
  const auto failed = drive(all, {"take-things", {3000, 2}, ""});
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().unit, "driver");
  EXPECT_EQ(ask(all, kStore, "alive"), 0U);
  EXPECT_EQ(ask(all, kLib, "calls"), 0U);
}

TEST_P(HostileGuests, AHandleGivenTwiceIsDroppedOnce) {
  const All all = build();
  const std::uint32_t thing = ask(all, kDriver, "make");
  ask(all, kDriver, "make");
  EXPECT_TRUE(all.call(kDriver, "put", std::vector{Value::u32(3000), Value::u32(thing)}));
  EXPECT_TRUE(all.call(kDriver, "put", std::vector{Value::u32(3004), Value::u32(thing)}));
  EXPECT_EQ(ask(all, kStore, "alive"), 2U);
  EXPECT_FALSE(drive(all, {"take-things", {3000, 2}, ""}));
  EXPECT_EQ(ask(all, kStore, "alive"), 0U);
}

TEST_P(HostileGuests, AHandleIsNotLostWithACalleeThatCannotTakeTheRest) {
  for (std::uint32_t mode = 1; mode <= 2; ++mode) {
    const All all = build();
    const std::uint32_t thing = ask(all, kDriver, "make");
    ask(all, kDriver, "make");
    set_mode(all, kLib, mode);
    EXPECT_EQ(number(drive(all, {"take-both", {thing, 2048, 4}, ""})), 1U);
    // The driver keeps the other one.
    EXPECT_EQ(ask(all, kStore, "alive"), 1U);
    EXPECT_EQ(ask(all, kDriver, "calls"), 1U);
  }
}

TEST_P(HostileGuests, ABorrowThatIsNotDroppedEndsTheCallee) {
  const All all = build();
  const std::uint32_t thing = ask(all, kDriver, "make");
  EXPECT_EQ(number(drive(all, {"lend", {thing}, ""})), 1U);
  EXPECT_EQ(ask(all, kDriver, "calls"), 1U);
  EXPECT_EQ(ask(all, kStore, "alive"), 1U);
  EXPECT_THAT(all.call(kLib, "calls", {}).error().message, HasSubstr("borrow"));
  // The driver owns it until it is given away, even if the receiver has ended.
  EXPECT_EQ(number(drive(all, {"take-thing", {thing}, ""})), 1U);
  EXPECT_EQ(ask(all, kStore, "alive"), 0U);
}

// Callers that cannot receive the failure as a value, and the program as caller.
TEST_P(HostileGuests, TheFailureNamesTheUnitThatBrokeTheCall) {
  const All all = build();
  const auto result = all.call(kLib, "give-case", std::vector{Value::u32(2)});
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, CallFailure::Kind::Trap);
  EXPECT_EQ(result.error().unit, "lib");
  EXPECT_EQ(result.error().function, "test:hostile/lib#give-case");
  EXPECT_EQ(ask(all, kDriver, "calls"), 1U);

  const All other = build();
  const auto failed = drive(other, {"say", {65536}, ""});
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().kind, CallFailure::Kind::Trap);
  EXPECT_EQ(failed.error().unit, "lib");
  EXPECT_EQ(failed.error().function, "test:hostile/lib#say");
  EXPECT_THAT(failed.error().message, HasSubstr("memory of 65536 bytes"));
  EXPECT_EQ(ask(other, kStore, "ping"), 5U);
}

// Numbers that are flat on both sides, which have their own copy path: the caller passes and
// receives them as core values.
constexpr std::string_view kNumbersText = R"((component
  (core module $code
    (func (export "same") (param i32) (result i32) (local.get 0)))
  (core instance $i (instantiate $code))
  (func (export "letter") (param "n" u32) (result char) (canon lift (core func $i "same")))
  (func (export "truth") (param "n" u32) (result bool) (canon lift (core func $i "same")))
  (func (export "small") (param "n" u32) (result s8) (canon lift (core func $i "same")))
  (func (export "take") (param "c" char) (result u32) (canon lift (core func $i "same")))))";
constexpr std::string_view kAskerText = R"((component
  (import "letter" (func $letter (param "n" u32) (result char)))
  (import "truth" (func $truth (param "n" u32) (result bool)))
  (import "small" (func $small (param "n" u32) (result s8)))
  (import "take" (func $take (param "c" char) (result u32)))
  (core func $letter' (canon lower (func $letter)))
  (core func $truth' (canon lower (func $truth)))
  (core func $small' (canon lower (func $small)))
  (core func $take' (canon lower (func $take)))
  (func (export "ask-letter") (param "n" u32) (result u32) (canon lift (core func $letter')))
  (func (export "ask-truth") (param "n" u32) (result u32) (canon lift (core func $truth')))
  (func (export "ask-small") (param "n" u32) (result u32) (canon lift (core func $small')))
  (func (export "give") (param "n" u32) (result u32) (canon lift (core func $take')))))";

class HostileNumbers : public HostileGuests {
 protected:
  static Composition build_numbers() {
    CompositionBuilder builder;
    builder.add_component("asker", assemble(kAskerText));
    builder.add_component("numbers", assemble(kNumbersText));
    builder.set_root("asker");
    builder.isolate_all();
    Result<Composition> built = builder.build();
    EXPECT_TRUE(built) << built.error().front().message;
    return *std::move(built);
  }
};

TEST_F(HostileNumbers, AreCheckedAndTruncatedWhereverTheyAreFlat) {
  const Composition all = build_numbers();
  const auto call = [&](std::string_view name, std::uint32_t n) {
    return all.call("", name, std::vector{Value::u32(n)});
  };
  EXPECT_EQ(number(call("ask-truth", 2)), 1U);
  EXPECT_EQ(number(call("ask-truth", 0x100)), 1U);
  EXPECT_EQ(number(call("ask-small", 0x1ff)), 0xffffffffU);
  EXPECT_EQ(number(call("ask-small", 0x17f)), 0x7fU);
  EXPECT_EQ(number(call("ask-letter", 'x')), std::uint32_t{'x'});
  EXPECT_EQ(number(call("give", 'x')), std::uint32_t{'x'});

  const auto bad = call("ask-letter", 0xd800);
  ASSERT_FALSE(bad);
  EXPECT_EQ(bad.error().kind, CallFailure::Kind::Trap);
  EXPECT_EQ(bad.error().unit, "numbers");
  EXPECT_THAT(bad.error().message, HasSubstr("0xd800 is not a valid character"));

  const Composition other = build_numbers();
  const auto passed = other.call("", "give", std::vector{Value::u32(0x110000)});
  ASSERT_FALSE(passed);
  EXPECT_EQ(passed.error().unit, "asker");
  EXPECT_THAT(passed.error().message, HasSubstr("in `c`: 0x110000 is not a valid character"));
  const auto again = other.unit("numbers")->function<std::uint32_t(char32_t)>("", "take");
  EXPECT_EQ(*(*again)(U'y'), std::uint32_t{'y'});
}

std::string name_of(const testing::TestParamInfo<Guests>& tested) {
  const std::string_view encoding = tested.param.encoding;
  const std::string name = encoding == "utf8"    ? "Utf8"
                           : encoding == "utf16" ? "Utf16"
                                                 : "Latin1Utf16";
  return name + (tested.param.is_concurrent ? "Concurrent" : "") +
         (tested.param.is_apart ? "Apart" : "");
}
INSTANTIATE_TEST_SUITE_P(Encodings, HostileGuests,
                         testing::Values(Guests{"utf8"}, Guests{"utf16"}, Guests{"latin1+utf16"},
                                         Guests{"utf8", true}, Guests{"utf8", false, true},
                                         Guests{"utf8", true, true}),
                         name_of);

}  // namespace
}  // namespace tenon::hostile_guest_test
