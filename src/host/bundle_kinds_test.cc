// Values of every type, and resources inside of other types, between a component and a host bundle
// that uses the generated header (tests/bundles/kinds).
#include <fmt/core.h>
#include <gtest/gtest.h>

#include <iterator>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tenon/builder.h"
#include "tenon/composition.h"
#include "tests/support/call_test.h"
#include "tests/support/temporary_folder.h"

namespace tenon::bundle_kinds_test {
namespace {

// A function of demo:kinds/all, which the guest passes on.
struct Kind {
  std::string_view name;
  std::string_view type;  // in component text
  std::string_view flat;  // the flat form of the type: i i32, I i64, f f32, F f64
  std::vector<std::string_view> values;
};

const Kind kKinds[] = {
    {"bool", "bool", "i", {"true", "false"}},
    {"s8", "s8", "i", {"-128", "127"}},
    {"u8", "u8", "i", {"0", "255"}},
    {"s16", "s16", "i", {"-32768", "32767"}},
    {"u16", "u16", "i", {"65535"}},
    {"s32", "s32", "i", {"-2147483648", "2147483647"}},
    {"u32", "u32", "i", {"4294967295"}},
    {"s64", "s64", "I", {"-9223372036854775808", "9223372036854775807"}},
    {"u64", "u64", "I", {"18446744073709551615"}},
    {"f32", "f32", "f", {"-0.5", "nan", "inf"}},
    {"f64", "f64", "F", {"1e+300", "-inf", "-0"}},
    {"char", "char", "i", {"'a'", "'\xf0\x9f\x98\x80'"}},
    {"string", "string", "ii", {"\"\"", "\"h\xc3\xa9llo \xf0\x9f\x98\x80\""}},
    {"id", "$id", "I", {"7"}},
    {"bools", "(list bool)", "ii", {"[]", "[true, false, true]"}},
    {"bytes", "(list u8)", "ii", {"[]", "[0, 255, 7]"}},
    {"shorts", "(list s16)", "ii", {"[-32768, 0, 32767]"}},
    {"longs", "(list u64)", "ii", {"[18446744073709551615, 1]"}},
    {"floats", "(list f32)", "ii", {"[1.5, nan, -inf]"}},
    {"doubles", "(list f64)", "ii", {"[1.5, -0]"}},
    {"chars", "(list char)", "ii", {"['a', '\xc3\xa9']"}},
    {"strings", "(list string)", "ii", {"[]", R"(["", "a", "bc"])"}},
    {"words", "$words", "ii", {R"(["", "a", "bc"])"}},
    {"deep", "(list (list string))", "ii", {R"([[], ["a"], ["b", "c"]])"}},
    {"blobs", "(list (list u8))", "ii", {"[[], [1], [2, 3]]"}},
    {"quad", "(list u8 4)", "iiii", {"[1, 2, 3, 4]"}},
    {"twins", "(list string 2)", "iiii", {R"(["a", ""])"}},
    {"map", "(map string u32)", "ii", {R"({"b": 1, "a": 2})"}},
    {"option", "(option string)", "iii", {"none", R"(some("a"))"}},
    {"options", "(option (option u32))", "iii", {"none", "some(none)", "some(some(3))"}},
    {"result", "(result (list u8) (error string))", "iii", {"ok([1, 2])", R"(err("no"))"}},
    {"fine", "(result string)", "iii", {R"(ok("yes"))", "err"}},
    {"bad", "(result (error $color))", "ii", {"ok", "err(blue)"}},
    {"outcome", "(result)", "i", {"ok", "err"}},
    {"tuple",
     "(tuple string s8 (list u16) (option char))",
     "iiiiiii",
     {R"(("a", -1, [1, 65535], some('x')))", R"(("", 0, [], none))"}},
    {"item",
     "$item",
     "iiiFiiiiii",
     {R"({name: "a", price: some(1.5), tags: ["x", ""], blob: [1, 2], flags: [true, false]})",
      R"({name: "", tags: [], blob: [], flags: []})"}},
    {"shape",
     "$shape",
     "iIi",
     {"empty", "number(0.25)", R"(text("a"))", R"(other-text("a"))", "letter('z')",
      R"(items([{name: "a", tags: ["x"], blob: [], flags: [true]}]))"}},
    {"color", "$color", "i", {"red", "blue"}},
    {"colors", "(list $color)", "ii", {"[]", "[blue, red]"}},
    {"access", "$access", "i", {"{}", "{read, execute, last}"}},
    {"pair", "$pair", "iIiii", {R"({left: text("a"), right: (green, {write, a31})})"}},
};

std::string named_types(std::string_view prefix) {
  std::string labels = R"("read" "write" "execute")";
  for (int i = 4; i <= 31; ++i) labels += fmt::format(" \"a{}\"", i);
  const std::pair<std::string_view, std::string> types[] = {
      {"item",
       R"((record (field "name" string) (field "price" (option f64)) (field "tags" (list string))
          (field "blob" (list u8)) (field "flags" (list bool))))"},
      {"shape", R"((variant (case "empty") (case "number" f64) (case "text" string)
          (case "other-text" string) (case "items" (list $item)) (case "letter" char)))"},
      {"color", R"((enum "red" "green" "blue"))"},
      {"access", fmt::format("(flags {} \"last\")", labels)},
      {"pair", R"((record (field "left" $shape) (field "right" (tuple $color $access))))"},
      {"words", "(list string)"},
      {"id", "u64"},
  };
  std::string text;
  for (const auto& [name, type] : types)
    text +=
        prefix.empty()
            ? fmt::format("(type ${0}' {1}) (export \"{0}\" (type ${0} (eq ${0}')))\n", name, type)
            : fmt::format("(alias export {1} \"{0}\" (type ${0}))\n", name, prefix);
  return text;
}

std::string_view core_type(char flat) {
  return flat == 'i' ? "i32" : flat == 'I' ? "i64" : flat == 'f' ? "f32" : "f64";
}

// Core functions that forward their arguments.
struct Passing {
  std::string imports;  // of the core module
  std::string bodies;
};
Passing pass_on(const Kind& kind) {
  const bool in_memory = kind.flat.size() > 1;
  std::string params;
  std::string arguments;
  for (std::size_t i = 0; i < kind.flat.size(); ++i) {
    params += fmt::format(" {}", core_type(kind.flat[i]));
    arguments += fmt::format(" (local.get {})", i);
  }
  const std::string result = fmt::format("(result {})", core_type(kind.flat[0]));
  Passing passing;
  passing.imports = fmt::format("(import \"h\" \"{0}\" (func ${0} (param{1}{2}) {3}))\n", kind.name,
                                params, in_memory ? " i32" : "", in_memory ? "" : result);
  passing.bodies = in_memory
                       ? fmt::format(
                             "(func (export \"{0}\") (param{1}) (result i32) (call ${0}{2} "
                             "(i32.const 64)) (i32.const 64))\n",
                             kind.name, params, arguments)
                       : fmt::format("(func (export \"{0}\") (param{1}) {3} (call ${0}{2}))\n",
                                     kind.name, params, arguments, result);
  return passing;
}

// Makes nodes, passes them inside of other types and drops them; the result is a list of numbers.
constexpr std::string_view kPlay = R"(
  (global $at (mut i32) (i32.const 4096))
  (func $note (param i32)
    (i32.store (global.get $at) (local.get 0))
    (global.set $at (i32.add (global.get $at) (i32.const 4))))
  (func (export "play") (result i32) (local $list i32)
    ;; three nodes, at 512
    (i32.store (i32.const 512) (call $make (i32.const 10)))
    (i32.store (i32.const 516) (call $make (i32.const 11)))
    (i32.store (i32.const 520) (call $make (i32.const 12)))
    (call $paint (i32.load (i32.const 512)) (i32.const 2))
    ;; the first with borrows of the others in a list: 33
    (call $note (call $join (i32.load (i32.const 512)) (i32.const 516) (i32.const 2)))
    ;; owned ones in a list, there and back the other way round: 3, 12, and 10 that is painted
    (call $turn (i32.const 512) (i32.const 3) (i32.const 256))
    (local.set $list (i32.load (i32.const 256)))
    (call $note (i32.load (i32.const 260)))
    (call $note (call $value (i32.load (local.get $list))))
    (call $note (call $value (i32.load offset=8 (local.get $list))))
    (call $note (call $color-of (i32.load offset=8 (local.get $list))))
    (call $note (call $alive))
    ;; one in an option in a record, back in a tuple in a result: ok, 1 letter, 10
    (call $unwrap (i32.const 640) (i32.const 1) (i32.const 1)
      (i32.load offset=8 (local.get $list)) (i32.const 256))
    (call $note (i32.load8_u (i32.const 256)))
    (call $note (i32.load (i32.const 264)))
    (call $note (call $value (i32.load (i32.const 268))))
    (call $drop (i32.load (i32.const 268)))
    (call $note (call $alive))
    ;; a record without one: err, 1 letter, none
    (call $unwrap (i32.const 640) (i32.const 1) (i32.const 0) (i32.const 0) (i32.const 256))
    (call $note (i32.load8_u (i32.const 256)))
    (call $note (i32.load (i32.const 264)))
    (call $note (i32.load8_u (i32.const 268)))
    (call $drop (i32.load (local.get $list)))
    (call $drop (i32.load offset=4 (local.get $list)))
    (call $note (call $alive))
    ;; err, 9 letters
    (call $try (i32.const 0) (i32.const 256))
    (call $note (i32.load8_u (i32.const 256)))
    (call $note (i32.load (i32.const 264)))
    (call $try (i32.const 5) (i32.const 256))
    (call $note (i32.load8_u (i32.const 256)))
    (call $drop (i32.load (i32.const 260)))
    (call $note (call $alive))
    (i32.store (i32.const 64) (i32.const 4096))
    (i32.store (i32.const 68) (i32.shr_u (i32.sub (global.get $at) (i32.const 4096)) (i32.const 2)))
    (i32.const 64)))";
constexpr std::string_view kPlayed = "[33, 3, 12, 10, 2, 3, 0, 1, 10, 2, 1, 1, 0, 0, 1, 9, 0, 0]";

struct NodeFunction {
  std::string_view name;
  std::string_view type;
  std::string_view core;  // its name in the module, and its type
};
constexpr NodeFunction kNodeFunctions[] = {
    {"[constructor]node", R"((param "value" u32) (result (own $node)))",
     "$make (param i32) (result i32)"},
    {"[static]node.try-make", R"((param "value" u32) (result (result (own $node) (error string))))",
     "$try (param i32 i32)"},
    {"[method]node.paint", R"((param "self" (borrow $node)) (param "color" $color'))",
     "$paint (param i32 i32)"},
    {"[method]node.color", R"((param "self" (borrow $node)) (result $color'))",
     "$color-of (param i32) (result i32)"},
    {"[method]node.value", R"((param "self" (borrow $node)) (result u32))",
     "$value (param i32) (result i32)"},
    {"[method]node.join",
     R"((param "self" (borrow $node)) (param "others" (list (borrow $node))) (result u32))",
     "$join (param i32 i32 i32) (result i32)"},
    {"turn", R"((param "all" (list (own $node))) (result (list (own $node))))",
     "$turn (param i32 i32 i32)"},
    {"unwrap",
     R"((param "holder" $holder) (result (result (tuple string (own $node)) (error $holder))))",
     "$unwrap (param i32 i32 i32 i32 i32)"},
    {"alive", "(result u32)", "$alive (result i32)"},
};

constexpr std::string_view kMemory = R"(
  (core module $memory
    (memory (export "memory") 2)
    (data (i32.const 640) "x")
    (global $free (mut i32) (i32.const 8192))
    (func (export "realloc") (param i32 i32 i32) (param $size i32) (result i32)
      (global.get $free)
      (global.set $free (i32.and (i32.const -8)
        (i32.add (global.get $free) (i32.add (local.get $size) (i32.const 7)))))))
  (core instance $m (instantiate $memory))
  (alias core export $m "memory" (core memory $mem))
  (alias core export $m "realloc" (core func $realloc))
)";
constexpr std::string_view kOptions = R"((memory $mem) (realloc $realloc))";

// A component that imports demo:kinds and exports `same-..` functions and `play`.
std::string guest_text() {
  std::string all;
  std::string nodes;
  std::string lowered;
  std::string argument;
  Passing passing;
  std::string lifted;
  for (const Kind& kind : kKinds) {
    const std::string type = fmt::format("(param \"value\" {0}) (result {0})", kind.type);
    all += fmt::format("(export \"same-{}\" (func {}))\n", kind.name, type);
    lowered += fmt::format("(core func $same-{0} (canon lower (func $all \"same-{0}\") {1}))\n",
                           kind.name, kOptions);
    argument += fmt::format("(export \"{0}\" (func $same-{0}))\n", kind.name);
    const Passing passed_on = pass_on(kind);
    passing.imports += passed_on.imports;
    passing.bodies += passed_on.bodies;
    lifted +=
        fmt::format("(func (export \"same-{0}\") {1} (canon lift (core func $p \"{0}\") {2}))\n",
                    kind.name, type, kOptions);
  }
  for (const NodeFunction& function : kNodeFunctions) {
    nodes += fmt::format("(export \"{}\" (func {}))\n", function.name, function.type);
    const std::string_view core = function.core.substr(0, function.core.find(' '));
    lowered += fmt::format("(core func {1}-node (canon lower (func $nodes \"{0}\") {2}))\n",
                           function.name, core, kOptions);
    argument += fmt::format("(export \"{}\" (func {}-node))\n", function.name, core);
    passing.imports +=
        fmt::format("(import \"h\" \"{}\" (func {}))\n", function.name, function.core);
  }
  std::string text = "(component $guest\n";
  text += fmt::format("(import \"demo:kinds/all@1.0.0\" (instance $all\n{}{}))\n", named_types(""),
                      all);
  text += named_types("$all");
  text += fmt::format(R"((import "demo:kinds/nodes@1.0.0" (instance $nodes
    (export "color" (type $color' (eq $color)))
    (export "node" (type $node (sub resource)))
    (type $holder' (record (field "label" string) (field "held" (option (own $node)))))
    (export "holder" (type $holder (eq $holder')))
{}))
(alias export $nodes "node" (type $node))
(core func $drop (canon resource.drop $node))
)",
                      nodes);
  text += kMemory;
  text += lowered;
  text += fmt::format(R"((core module $pass
    (import "m" "memory" (memory 2))
    (import "h" "drop" (func $drop (param i32)))
{}{}{})
(core instance $p (instantiate $pass (with "m" (instance $m)) (with "h" (instance
    (export "drop" (func $drop))
{}))))
{}(func (export "play") (result (list u32)) (canon lift (core func $p "play") {})))
)",
                      passing.imports, passing.bodies, kPlay, argument, lifted, kOptions);
  return text;
}

enum class Place { Main, OwnDomain, OwnProcess };
constexpr Place kPlaces[] = {Place::Main, Place::OwnDomain, Place::OwnProcess};

class BundleKinds : public testing::Test {
 protected:
  Composition build(Place place) {
    CompositionBuilder builder;
    builder.add_component("guest", folder_.write("guest.wat", guest_text()));
    builder.add_host_bundle("kinds", TENON_BINARY_DIR "/bundles/kinds");
    builder.set_root("guest");
    if (place == Place::OwnDomain) builder.isolate_all();
    if (place == Place::OwnProcess) builder.run_in_process("kinds");
    Result<Composition> built = builder.build();
    if (!built) ADD_FAILURE() << built.error().front().message << '\n' << guest_text();
    return *std::move(built);
  }

  TemporaryFolder folder_;
};

TEST_F(BundleKinds, ValuesOfEveryTypeComeBack) {
  for (const Place place : kPlaces) {
    const Composition all = build(place);
    for (const Kind& kind : kKinds)
      for (const std::string_view value : kind.values)
        EXPECT_EQ(call_text(all, fmt::format("same-{}({})", kind.name, value)), value);
  }
}

TEST_F(BundleKinds, ResourcesPassInsideOfOtherTypes) {
  for (const Place place : kPlaces) EXPECT_EQ(call_text(build(place), "play()"), kPlayed);
}

// Its WIT has names that are reserved in C++. Its table fits; each call reports that it is not
// implemented.
TEST_F(BundleKinds, ReservedNamesOfCppAreAvoided) {
  const std::string path = folder_.write("caller.wat", R"((component
    (import "demo:names/tenon@1.0.0" (instance $i (export "create" (func))))
    (core func $lowered (canon lower (func $i "create")))
    (core module $m (import "h" "f" (func $f)) (func (export "f") (call $f)))
    (core instance $c (instantiate $m (with "h" (instance (export "f" (func $lowered))))))
    (func (export "go") (canon lift (core func $c "f")))))");
  CompositionBuilder builder;
  builder.add_component("caller", path);
  builder.add_host_bundle("names", TENON_BINARY_DIR "/bundles/names");
  const Result<Composition> built = builder.build();
  ASSERT_FALSE(built);
  EXPECT_EQ(built.error().front().message,
            "the host `names` cannot start: none of its functions is written");
}

}  // namespace
}  // namespace tenon::bundle_kinds_test
