// Who is blamed for a value that breaks a rule of the Canonical ABI, in a call inside of one domain.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "engine/wat.h"
#include "tenon/builder.h"
#include "tenon/composition.h"
#include "tests/support/call_test.h"

namespace tenon::blame_test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

std::vector<std::uint8_t> assemble(const std::string& text) {
  auto bytes = engine::wat_to_wasm("unit.wat", text);
  EXPECT_TRUE(bytes) << bytes.error().front().message << text;
  return bytes ? *std::move(bytes) : std::vector<std::uint8_t>();
}

// A value that breaks a rule.
struct BadValue {
  std::string type;
  std::string flat;    // as core parameters
  std::string params;  // their types
  std::string stored;  // instructions that write it to address 16; empty: it is `flat`
  std::string message;
};

const std::vector<BadValue>& sender_faults() {
  static const std::vector<BadValue>* const values = new std::vector<BadValue>{
      {"$e", "(i32.const 3)", "i32", "", "invalid variant discriminant"},
      {"char", "(i32.const 0xd800)", "i32", "", "invalid `char` bit pattern"},
      {"(option u8)", "(i32.const 2) (i32.const 0)", "i32 i32",
       "(i32.store8 (i32.const 16) (i32.const 2))", "invalid variant discriminant"},
      {"string", "(i32.const 32) (i32.const 2)", "i32 i32",
       "(i32.store (i32.const 16) (i32.const 32)) (i32.store (i32.const 20) (i32.const 2))",
       "invalid utf8 encoding"},
  };
  return *values;
}

const std::vector<BadValue>& address_faults() {
  static const std::vector<BadValue>* const values = new std::vector<BadValue>{
      {"(list u32)", "(i32.const 65536) (i32.const 1)", "i32 i32",
       "(i32.store (i32.const 16) (i32.const 65536)) (i32.store (i32.const 20) (i32.const 1))",
       "list content out-of-bounds"},
      {"(list u32)", "(i32.const 33) (i32.const 1)", "i32 i32",
       "(i32.store (i32.const 16) (i32.const 33)) (i32.store (i32.const 20) (i32.const 1))",
       "unaligned pointer"},
      {"string", "(i32.const 65536) (i32.const 1)", "i32 i32",
       "(i32.store (i32.const 16) (i32.const 65536)) (i32.store (i32.const 20) (i32.const 1))",
       "string content out-of-bounds"},
  };
  return *values;
}

// The functions that the interface between the two units has.
struct Functions {
  bool take = false;  // func(p: T)
  bool give = false;  // func() -> T
};

constexpr std::string_view kMemory = R"((memory (export "memory") 1)
  (data (i32.const 32) "\c0\80")
  (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 1024)))";

std::string provider_text(const BadValue& value, Functions functions) {
  const bool is_flat = value.stored.empty();
  std::string code = std::string(kMemory);
  std::string lifted;
  if (functions.take) {
    code += fmt::format("(func (export \"take\") (param {}))\n", value.params);
    lifted += fmt::format(
        "(func (export \"take\") (param \"p\" {}) (canon lift (core func $i \"take\") (memory $i "
        "\"memory\") (realloc (func $i \"realloc\"))))\n",
        value.type);
  }
  if (functions.give) {
    code += fmt::format("(func (export \"give\") (result i32) {})\n",
                        is_flat ? value.flat : value.stored + " (i32.const 16)");
    lifted += fmt::format(
        "(func (export \"give\") (result {}) (canon lift (core func $i \"give\") (memory $i "
        "\"memory\")))\n",
        value.type);
  }
  return fmt::format(R"((component (component $c
(type $e' (enum "a" "b" "c")) (export $e "e" (type $e'))
(core module $m {})
(core instance $i (instantiate $m))
{})
(instance $o (instantiate $c))
(export "t:bad/x" (instance $o))))",
                     code, lifted);
}

std::string consumer_text(const BadValue& value, Functions functions) {
  const bool is_flat = value.stored.empty();
  std::string declared;
  std::string lowered;
  std::string passed;
  std::string code;
  std::string lifted;
  const auto add = [&](std::string_view name, const std::string& type, const std::string& core) {
    declared += fmt::format("(export \"{}\" (func {}))\n", name, type);
    lowered += fmt::format(
        "(core func ${0} (canon lower (func $x \"{0}\") (memory $l \"memory\") (realloc (func $l "
        "\"realloc\"))))\n",
        name);
    passed += fmt::format("(export \"{0}\" (func ${0}))", name);
    code += fmt::format("(import \"\" \"{0}\" (func ${0} {1}))\n", name, core);
    lifted +=
        fmt::format("(func (export \"run-{0}\") (canon lift (core func $i \"run-{0}\")))\n", name);
  };
  if (functions.take)
    add("take", fmt::format("(param \"p\" {})", value.type),
        fmt::format("(param {})", value.params));
  if (functions.give)
    add("give", fmt::format("(result {})", value.type), is_flat ? "(result i32)" : "(param i32)");
  if (functions.take)
    code += fmt::format("(func (export \"run-take\") (call $take {}))\n", value.flat);
  if (functions.give)
    code += fmt::format("(func (export \"run-give\") {})\n",
                        is_flat ? "(drop (call $give))" : "(call $give (i32.const 64))");
  return fmt::format(R"((component
(import "t:bad/x" (instance $x (type $e' (enum "a" "b" "c")) (export "e" (type $e (eq $e')))
{}))
(core module $lib {})
(core instance $l (instantiate $lib))
{}
(core module $m {})
(core instance $i (instantiate $m (with "" (instance {}))))
{}))",
                     declared, kMemory, lowered, code, passed, lifted);
}

std::string call(const BadValue& value, Functions functions, std::string_view name,
                 LinkForm form = LinkForm::Auto) {
  CompositionBuilder builder;
  builder.add_component("consumer", assemble(consumer_text(value, functions)));
  builder.add_component("provider", assemble(provider_text(value, functions)));
  const Result<Composition> composition = builder.build({.cache_dir = {}, .link_form = form});
  EXPECT_TRUE(composition) << composition.error().front().message;
  return composition ? call_text(*composition, name) : std::string();
}

TEST(Blame, IsTheUnitThatPassedABadValue) {
  for (const BadValue& value : sender_faults()) {
    EXPECT_THAT(call(value, {.give = true}, "run-give()"),
                AllOf(StartsWith("`provider` trapped"), HasSubstr(value.message),
                      HasSubstr("passed to `consumer`")))
        << value.type;
    EXPECT_THAT(call(value, {.take = true}, "run-take()"),
                AllOf(StartsWith("`consumer` trapped"), HasSubstr(value.message),
                      HasSubstr("passed to `provider`")))
        << value.type;
  }
}

TEST(Blame, IsBothUnitsIfEitherCanHavePassedIt) {
  for (const BadValue& value : sender_faults())
    for (const char* const name : {"run-give()", "run-take()"})
      EXPECT_THAT(call(value, {.take = true, .give = true}, name),
                  AllOf(HasSubstr(value.message), HasSubstr("one of `consumer`, `provider`")))
          << value.type;
}

// The check also fails for what `realloc` of the receiver returns.
TEST(Blame, OfAnAddressNamesSenderAndReceiver) {
  for (const BadValue& value : address_faults()) {
    EXPECT_THAT(call(value, {.give = true}, "run-give()"),
                AllOf(StartsWith("`provider` trapped"), HasSubstr(value.message),
                      HasSubstr("that `provider` passed to `consumer`: the sender's address")))
        << value.type;
    EXPECT_THAT(call(value, {.take = true}, "run-take()"),
                AllOf(StartsWith("`consumer` trapped"), HasSubstr(value.message),
                      HasSubstr("that `consumer` passed to `provider`: the sender's address")))
        << value.type;
  }
}

// A small function is inlined into its caller, and has no frame.
TEST(Blame, OfInlinedCodeNamesTheUnitsThatItCanBeOf) {
  const BadValue trap = {"$e", "unreachable", "i32", "", ""};
  EXPECT_THAT(call(trap, {.give = true}, "run-give()", LinkForm::Embedded),
              AllOf(StartsWith("`consumer` trapped"), HasSubstr("`unreachable`"),
                    HasSubstr("in inlined code of one of `consumer`, `provider`")));
  EXPECT_THAT(call(trap, {.give = true}, "run-give()", LinkForm::Reference),
              AllOf(StartsWith("`provider` trapped"), Not(HasSubstr("inlined"))));
}

// Passes on what it gets from `t:bad/x`.
constexpr std::string_view kRelay = R"((component
(import "t:bad/x" (instance $x (type $e' (enum "a" "b" "c")) (export "e" (type $e (eq $e')))
  (export "give" (func (result $e)))))
(alias export $x "e" (type $e))
(core func $give (canon lower (func $x "give")))
(core module $m (import "" "give" (func $give (result i32)))
  (func (export "give") (result i32) (call $give)))
(core instance $i (instantiate $m (with "" (instance (export "give" (func $give))))))
(func $g (result $e) (canon lift (core func $i "give")))
(instance $o (export "e" (type $e)) (export "give" (func $g)))
(export "t:bad/x" (instance $o))))";

// Three units are inlined into each other, and only the first one has a frame.
TEST(Blame, OfInlinedCodeNamesUnitsBehindTheCallee) {
  for (const auto& [flat, message] :
       {std::pair("(i32.const 3)", "invalid variant discriminant"),
        std::pair("unreachable", "in inlined code of one of `consumer`, `provider`, `relay`")}) {
    const BadValue value = {"$e", flat, "i32", "", ""};
    CompositionBuilder builder;
    builder.add_component("consumer", assemble(consumer_text(value, {.give = true})));
    builder.add_component("relay", assemble(std::string(kRelay)));
    builder.add_component("provider", assemble(provider_text(value, {.give = true})));
    builder.wire({.consumer = "consumer", .import = "t:bad/x", .provider = "relay"});
    builder.wire({.consumer = "relay", .import = "t:bad/x", .provider = "provider"});
    builder.set_root("consumer");
    const Result<Composition> composition =
        builder.build({.cache_dir = {}, .link_form = LinkForm::Embedded});
    ASSERT_TRUE(composition) << composition.error().front().message;
    EXPECT_THAT(call_text(*composition, "run-give()"),
                AllOf(HasSubstr(message), HasSubstr("`provider`")));
  }
}

constexpr std::string_view kMaker = R"((component
(component $c
  (type $r' (resource (rep i32)))
  (core func $new (canon resource.new $r'))
  (core module $m (import "" "new" (func $new (param i32) (result i32)))
    (func (export "make") (result i32) (call $new (i32.const 7))))
  (core instance $i (instantiate $m (with "" (instance (export "new" (func $new))))))
  (export $r "r" (type $r'))
  (func (export "[constructor]r") (result (own $r)) (canon lift (core func $i "make"))))
(instance $x (instantiate $c))
(export "t:res/x" (instance $x))))";

// Gets a borrowed handle and does not drop it.
std::string keeper_text(std::string_view interface) {
  return fmt::format(R"((component
(import "t:res/x" (instance $in (export "r" (type (sub resource)))))
(alias export $in "r" (type $r))
(core module $m (func (export "keep") (param i32)))
(core instance $i (instantiate $m))
(func $keep (param "r" (borrow $r)) (canon lift (core func $i "keep")))
(component $s (import "r" (type $r (sub resource)))
  (import "keep" (func $k (param "r" (borrow $r))))
  (export $re "r" (type $r))
  (export "keep" (func $k) (func (param "r" (borrow $re)))))
(instance $o (instantiate $s (with "r" (type $r)) (with "keep" (func $keep))))
(export "{}" (instance $o))))",
                     interface);
}

// Passes a borrowed handle to the keeper of the first interface.
std::string user_text(const std::vector<std::string>& interfaces) {
  std::string imports;
  for (std::size_t i = 0; i < interfaces.size(); ++i)
    imports += fmt::format(R"((import "{0}" (instance $k{1} (alias outer 1 $r (type $r'))
  (export "r" (type $r (eq $r'))) (export "keep" (func (param "r" (borrow $r))))))
)",
                           interfaces[i], i);
  return fmt::format(R"((component
(import "t:res/x" (instance $in (export "r" (type $r (sub resource)))
  (export "[constructor]r" (func (result (own $r))))))
(alias export $in "r" (type $r))
{}
(core func $new (canon lower (func $in "[constructor]r")))
(core func $keep (canon lower (func $k0 "keep")))
(core module $m (import "" "new" (func $new (result i32))) (import "" "keep" (func $keep (param i32)))
  (func (export "run") (call $keep (call $new))))
(core instance $i (instantiate $m (with "" (instance (export "new" (func $new))
  (export "keep" (func $keep))))))
(func (export "run") (canon lift (core func $i "run")))))",
                     imports);
}

std::string call_keepers(const std::vector<std::string>& keepers) {
  std::vector<std::string> interfaces;
  CompositionBuilder builder;
  builder.add_component("maker", assemble(std::string(kMaker)));
  for (const std::string& keeper : keepers) {
    interfaces.push_back(fmt::format("t:{}/k", keeper));
    builder.add_component(keeper, assemble(keeper_text(interfaces.back())));
  }
  builder.add_component("user", assemble(user_text(interfaces)));
  builder.set_root("user");
  const Result<Composition> composition = builder.build();
  EXPECT_TRUE(composition) << composition.error().front().message;
  return composition ? call_text(*composition, "run()") : std::string();
}

TEST(Blame, IsTheUnitThatKeptABorrowedHandle) {
  EXPECT_THAT(call_keepers({"keeper"}),
              AllOf(StartsWith("`keeper` trapped"), HasSubstr("borrow handles still remain"),
                    Not(HasSubstr("`maker`"))));
  EXPECT_THAT(call_keepers({"keeper", "other"}),
              HasSubstr("still remain at the end of the call of one of `keeper`, `other`"));
}

}  // namespace
}  // namespace tenon::blame_test
