// Generated code: headers in the tree are up to date, names and types are right, and WIT that
// native code cannot implement is rejected.
#include "bindgen/bindgen.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "binary/write_component.h"
#include "tests/support/temporary_folder.h"
#include "types/test_components.h"

namespace tenon::bindgen::bindgen_test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

std::string read_text(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

// The text of the generated file, or the problems, one a line.
std::string text_of(const Result<GeneratedCode>& files) {
  if (files) return files->files.front().text;
  std::string text;
  for (const Diagnostic& problem : files.error())
    text += fmt::format("{}: {} ({}:{})\n", problem.code, problem.message, problem.where.file,
                        problem.where.line);
  return text;
}

class Bindgen : public testing::Test {
 protected:
  BindgenOptions wit(std::string_view text) { return {.wit = folder_.write("a.wit", text)}; }

  TemporaryFolder folder_;
};

// folder: of tests/bindings. language: of `tenon bindgen`.
void expect_committed(const Result<GeneratedCode>& code, std::string_view folder,
                      std::string_view language) {
  ASSERT_TRUE(code) << text_of(code);
  for (const GeneratedFile& file : code->files)
    EXPECT_TRUE(file.text == read_text(fmt::format("{}/tests/bindings/{}/{}", TENON_SOURCE_DIR,
                                                   folder, file.path)))
        << file.path << " is out of date: run `tenon bindgen " << language << "` again";
}

struct CommittedHeader {
  const char* header;
  BindgenOptions options;
};

TEST_F(Bindgen, CommittedHeadersAreUpToDate) {
  const std::string root = TENON_SOURCE_DIR "/tests/";
  const CommittedHeader headers[] = {
      {"bundles/domains_cpp/gen/domains_host.h",
       {.wit = root + "guests/domains/wit", .world = "lib-unit", .name = "domains"}},
      {"bundles/kinds/gen/kinds_host.h", {.wit = root + "bundles/kinds/wit"}},
      {"bundles/later/gen/later_host.h", {.wit = root + "bundles/later/wit", .name = "later"}},
      {"bundles/streams/gen/streams_host.h",
       {.wit = root + "bundles/streams/wit", .name = "streams"}},
      {"bundles/names/gen/names_host.h", {.wit = root + "bundles/names/wit"}},
  };
  for (const CommittedHeader& committed : headers)
    EXPECT_TRUE(text_of(generate_host_cpp(committed.options)) == read_text(root + committed.header))
        << committed.header << " is out of date: run `tenon bindgen host-cpp` again";
}

TEST_F(Bindgen, CommittedCodeOfProgramsIsUpToDate) {
  const std::string root = TENON_SOURCE_DIR "/tests/";
  struct Committed {
    BindgenOptions options;
    Callers callers = Callers::NotPassed;
  };
  const Committed all[] = {
      {{.wit = root + "bindings/wit", .world = "values"}},
      {{.wit = root + "bindings/wit", .world = "value-arrays"}},
      {{.wit = root + "bindings/wit", .world = "value-maps"}},
      {{.wit = root + "bindings/wit", .world = "counters"}},
      {{.wit = root + "bindings/wit", .world = "visitor"}},
      {{.wit = root + "bindings/wit", .world = "courier"}, Callers::Passed},
      {{.wit = root + "guests/domains/wit", .world = "keeper-unit", .name = "keeper"}},
      {{.wit = root + "bundles/streams/wit", .name = "streams"}},
      {{.wit = root + "bundles/names/wit", .name = "names"}},
      {{.wit = root + "bundles/names/wit", .offers = WorldSide::Exports, .name = "names-provided"},
       Callers::Passed},
  };
  for (const Committed& committed : all)
    expect_committed(generate_cpp(committed.options, committed.callers), "gen", "cpp");
}

TEST_F(Bindgen, CommittedCodeInCIsUpToDate) {
  const std::string root = TENON_SOURCE_DIR "/tests/";
  const BindgenOptions all[] = {
      {.wit = root + "bindings/wit", .world = "all-kinds", .name = "values"},
      {.wit = root + "bindings/wit", .world = "counters"},
      {.wit = root + "bindings/wit", .world = "hotel", .offers = WorldSide::Exports},
      {.wit = root + "bindings/wit", .world = "house"},
      {.wit = root + "bindings/c/taker.wit"},
      {.wit = root + "bindings/wit", .world = "visitor"},
      {.wit = root + "guests/domains/wit", .world = "keeper-unit", .name = "keeper"},
      {.wit = root + "bundles/streams/wit", .name = "streams"},
      {.wit = root + "bundles/names/wit", .name = "names"},
      {.wit = root + "bundles/names/wit", .offers = WorldSide::Exports, .name = "names-provided"},
  };
  for (const BindgenOptions& options : all) expect_committed(generate_c(options), "c/gen", "c");
}

TEST_F(Bindgen, CodeForAComponentHasTheNameOfItsFile) {
  const Result<GeneratedCode> code =
      generate_cpp({.wit = TENON_SOURCE_DIR "/tests/guests/wasm/adder.wasm"}, Callers::NotPassed);
  ASSERT_TRUE(code) << text_of(code);
  EXPECT_EQ(code->files[0].path, "adder.h");
  EXPECT_EQ(code->files[1].path, "adder.cc");
}

// Documentation cannot end a comment, or continue it over the code that follows.
TEST_F(Bindgen, CodeHasTheDocumentationOfTheWit) {
  const BindgenOptions options = wit(R"(package a:kit;
interface i {
  /// Where it is.\
  record point {
    /// From the left.
    x: u32,
    y: u32,
  }
  variant shape { /** A */ circle(u32), square }
  /// Which are set.
  flags marks { /** One. */ a, b }
  /// As seen.
  enum color { /** Dark. */ black, white }
  type ids = list<u32>;
  /// Moves */ it. ??/
  ///
  /// By a step. \
  move: func(at: point, shape: shape, marks: marks, color: color);
}
world kit { export i; })");
  EXPECT_THAT(text_of(generate_cpp(options, Callers::NotPassed)),
              AllOf(HasSubstr("// Where it is.\\.\nstruct point {\n"
                              "  // From the left.\n  std::uint32_t x = 0;\n  std::uint32_t y"),
                    HasSubstr("  // A\n  struct circle {"),
                    HasSubstr("  // One.\n  bool a = false;\n  bool b"),
                    HasSubstr("  // Dark.\n  black,\n  white,"),
                    HasSubstr("  // Moves * / it. ?\?/.\n  //\n  // By a step. \\.\n"
                              "  // move: func(at: point, shape: shape, marks: marks, color: "
                              "color);\n  [[nodiscard]]")));
  EXPECT_THAT(
      text_of(generate_c(options)),
      AllOf(HasSubstr("/* Moves * / it. ?\?/.\n *\n * By a step. \\.\n * move: func(at: point, "),
            HasSubstr("/* Where it is.\\. */\ntypedef struct kit_i_point {\n"
                      "  /* From the left. */\n  uint32_t x;\n  uint32_t y;\n"),
            HasSubstr("  /* A */\n  KIT_I_SHAPE_CIRCLE,\n  KIT_I_SHAPE_SQUARE,\n"),
            HasSubstr("/* Which are set. */\ntypedef uint32_t kit_i_marks;\n/* One. */\n#define "
                      "KIT_I_MARKS_A (UINT32_C(1) << 0)\n#define"),
            HasSubstr("/* As seen. */\ntypedef enum kit_i_color {\n  /* Dark. */\n"
                      "  KIT_I_COLOR_BLACK,\n  KIT_I_COLOR_WHITE,\n")));
  EXPECT_THAT(
      text_of(generate_python(options)),
      AllOf(HasSubstr("    x: int\n    \"\"\"From the left.\"\"\"\n    y: int\n"),
            HasSubstr("    class Circle(Shape):\n        \"\"\"A\"\"\"\n        value: int\n"),
            HasSubstr("    A = 1\n    \"\"\"One.\"\"\"\n    B = 2\n"),
            HasSubstr("    BLACK = \"black\"\n    \"\"\"Dark.\"\"\"\n    WHITE")));
}

TEST_F(Bindgen, OnlyResourcesOfStreamsAreAdopted) {
  constexpr std::string_view kStreams = R"(package a:kit;
interface i { resource here; resource there; record of { it: there } feed: func() -> stream<of>; get: func() -> here; }
interface j { resource elsewhere; get: func() -> elsewhere; }
world first { export i; }
world second { export j; })";
  BindgenOptions options = wit(kStreams);
  options.world = "first";
  EXPECT_THAT(text_of(generate_cpp(options, Callers::NotPassed)),
              AllOf(HasSubstr(" there adopt(there"), Not(HasSubstr(" here adopt("))));
  options.world = "second";
  EXPECT_THAT(text_of(generate_cpp(options, Callers::NotPassed)), Not(HasSubstr("adopt")));
}

// ---- Python ----

// The stub and the module, or the problems.
std::string python_of(const Result<GeneratedCode>& code) {
  return code ? code->files[0].text + code->files[1].text : text_of(code);
}

constexpr std::string_view kShop = R"(package acme:shop@1.0.0;
interface types {
  /// A thing to sell.
  record item { name: string, in-stock: bool, %from: option<u8>, %list: list<string> }
  variant shape { none, circle(f64) }
  enum color { red, hot-pink }
  flags rights { read, write }
}
interface cart {
  use types.{item, shape, color, rights};
  /// What they cost.
  ///
  /// It is "cheap" or C:\new. """
  total: func(items: list<item>, note: option<string>) -> result<u32, string>;
  start: func();
  paint: func(shape: shape, color: color, rights: rights, counts: list<u16>) -> list<u16>;
  resource wallet {
    constructor(cents: u32);
    open: static func(name: string) -> wallet;
    close: func(hard: bool);
  }
}
interface log {
  resource line { text: func() -> string; }
  write: async func(line: borrow<line>, at: list<u8>) -> bool;
  check: func() -> result<u8, string>;
}
world app {
  import log;
  import hold: func(self: u8);
  export cart;
  export run: async func(input: stream<u8>) -> stream<u8>;
})";

TEST_F(Bindgen, PythonHasTheClassesOfTypes) {
  const Result<GeneratedCode> code = generate_python(wit(kShop));
  ASSERT_TRUE(code) << text_of(code);
  EXPECT_EQ(code->files[0].path, "app.pyi");
  EXPECT_EQ(code->files[1].path, "app.py");
  EXPECT_THAT(
      code->files[0].text,
      AllOf(
          HasSubstr("class Item(_tenon.Record):\n    \"\"\"A thing to sell.\"\"\"\n    name: str\n"
                    "    in_stock: bool\n    from_: int | None\n    list: _builtins.list[str]\n"),
          HasSubstr("    def list(self) -> _typed.Items[str]: ...\n"),
          HasSubstr("\"from_\": _t.NotRequired[_t.SupportsIndex | None]"),
          HasSubstr("\"in-stock\": bool"),
          HasSubstr("_ItemArg: _t.TypeAlias = Item | _ItemLike | _ItemDict | _ItemLabels\n"),
          HasSubstr("class Shape(_tenon.Variant):\n    class None_(Shape):\n"),
          HasSubstr("    class Circle(Shape):\n        value: float\n"),
          HasSubstr("Shape | tuple[_t.Literal[\"circle\"], _typed.Float] | _t.Literal[\"none\"]\n"),
          HasSubstr(
              "class Color(_enum.StrEnum):\n    RED = \"red\"\n    HOT_PINK = \"hot-pink\"\n"),
          HasSubstr("class Rights(_enum.Flag):\n    READ = 1\n    WRITE = 2\n"),
          HasSubstr("Rights | _t.Iterable[_t.Literal[\"read\", \"write\"]]\n")));
  EXPECT_THAT(
      code->files[1].text,
      AllOf(HasSubstr("_typed.option(_typed.u8)"),
            HasSubstr(
                "Shape = _typed.variant(\"shape\", {\"none\": None, \"circle\": _typed.f64})\n"),
            HasSubstr("Color = _typed.enum(\"color\", [\"red\", \"hot-pink\"])\n")));
}

TEST_F(Bindgen, PythonHasTheFunctionsOfBothSides) {
  EXPECT_THAT(
      python_of(generate_python(wit(kShop))),
      AllOf(HasSubstr("class CartInterface(_typed.BaseInterface):\n"),
            HasSubstr("    def total(self, items: _typed.Items[_ItemArg], note: str | None = ...) "
                      "-> int:\n"),
            HasSubstr("    # Only as call(\"acme:shop/cart@1.0.0#start\", ..): start: func();\n"),
            HasSubstr("counts: _t.Iterable[_t.SupportsIndex]"),
            HasSubstr("-> _array.array[int]:\n"), HasSubstr("    Wallet: _WalletClass\n"),
            HasSubstr("    def __call__(self, cents: _t.SupportsIndex) -> _WalletHandle:\n"),
            HasSubstr("# mypy: disable-error-code=\"override\"\n"),
            HasSubstr("    def run(self, input: _typed.ByteSource) -> "
                      "_tenon.Call[_tenon.Stream[bytes]]:\n"),
            HasSubstr("_t.Literal[\"acme:shop/cart@1.0.0\", \"acme:shop/cart\", \"cart\"]) -> "
                      "CartInterface"),
            HasSubstr("    def write(self, line: _t.Any, at: bytes, /) -> _typed.Answer[bool]:\n"),
            HasSubstr("\"hold\": _t.Callable[[int], object]"),
            HasSubstr("    def Line(self) -> _LineProviderClass: ...\n"),
            HasSubstr(
                "_typed.Answer[_t.SupportsIndex | _tenon.Ok[_t.SupportsIndex] | _tenon.Err[str]]"),
            HasSubstr("\"acme:shop/log\": LogProvider | _LogProviderDict"),
            HasSubstr("\"[static]wallet.open\": _typed.func({\"name\": _typed.string}, "
                      "_typed.own(\"wallet\")),\n"),
            HasSubstr("\"run\": _typed.async_func({\"input\": _typed.stream(_typed.u8)}, "
                      "_typed.stream(_typed.u8)),\n")));
}

TEST_F(Bindgen, PythonHasTheDocumentationOfTheWit) {
  EXPECT_THAT(
      text_of(generate_python(wit(kShop))),
      HasSubstr(
          "        \"\"\"What they cost.\n\n        It is \"cheap\" or C:\\\\new. '''\n\n"
          "        total: func(items: list<item>, note: option<string>) -> result<u32, string>;\n"
          "        \"\"\"\n"));
}

TEST_F(Bindgen, PythonProvidesTheOtherSide) {
  BindgenOptions options = wit(kShop);
  options.offers = WorldSide::Exports;
  EXPECT_THAT(
      text_of(generate_python(options)),
      AllOf(HasSubstr("class CartProvider(_t.Protocol):"),
            HasSubstr("class LogInterface(_typed.BaseInterface):"),
            HasSubstr("def write(self, line: _LineHandle, at: _t.Iterable[_t.SupportsIndex]) -> "
                      "_tenon.Call[bool]:")));
}

// Names that Python reserves, that occur twice, or that the module itself uses.
TEST_F(Bindgen, NamesInPythonAreUnique) {
  const std::string text = text_of(
      generate_python({.wit = TENON_SOURCE_DIR "/tests/bundles/names/wit", .name = "tenon"}));
  std::set<std::string> names;
  for (std::size_t at = 0; (at = text.find("\nclass ", at)) != std::string::npos;) {
    at += 7;
    EXPECT_TRUE(names.insert(text.substr(at, text.find_first_of("(:", at) - at)).second);
  }
  EXPECT_THAT(names, testing::IsSupersetOf({"StdError", "FirstKitTypesError", "StdFlags",
                                            "TenonFlags", "Exports", "Union", "Class"}));
  EXPECT_THAT(
      text,
      AllOf(HasSubstr("    class Union(_UnionBase):\n        value: Class\n"),
            HasSubstr("    class_: _builtins.int\n"), HasSubstr("    class None_(_UnionBase):\n"),
            HasSubstr("    def auto(self_, self: _t.SupportsIndex, this: _UnionArg")));
  EXPECT_EQ(generate_python({.wit = TENON_SOURCE_DIR "/tests/bundles/names/wit", .name = "tenon"})
                ->files[0]
                .path,
            "tenon_.pyi");
}

TEST_F(Bindgen, FunctionsWithoutValuesInPythonAreLeftOut) {
  EXPECT_THAT(
      python_of(generate_python(wit("package a:kit; interface i { resource r { f: func() -> "
                                    "error-context; } g: func(a: u8); }"))),
      AllOf(HasSubstr("    ...  # The package has no values for: f: func() -> error-context;\n"),
            Not(HasSubstr("def f(")), HasSubstr("def g("), Not(HasSubstr("[method]r.f"))));
}

// ---- C ----

// The header, then the source file, in one line.
std::string c_code(const Result<GeneratedCode>& code) {
  if (!code) return text_of(code);
  std::string line;
  for (const char c : code->files[0].text + code->files[1].text) {
    const bool is_space = c == ' ' || c == '\n';
    if (!is_space)
      line += c;
    else if (!line.empty() && line.back() != ' ' && line.back() != '(')
      line += ' ';
  }
  return line;
}

TEST_F(Bindgen, CodeInCHasTheNamesOfTheWorld) {
  const std::string code = c_code(generate_c(wit(R"(package acme:shop;
interface cart {
  resource item { constructor(name: string); price: func() -> u32; merge: static func(a: item, b: item) -> item; }
  total: func(customer: string, cents: u32) -> u32;
  names: func(prefix: string) -> list<string>;
  close: async func() -> u32;
}
interface log { write: func(line: string); }
world shop { import log; export cart; })")));
  EXPECT_THAT(code,
              AllOf(HasSubstr("typedef struct shop shop;"),
                    HasSubstr("tenon_error *shop_cart_total(shop *self, tenon_string customer, "
                              "uint32_t cents, uint32_t *result);"),
                    HasSubstr("tenon_error *shop_cart_names(shop *self, tenon_string prefix, "
                              "tenon_arena *arena, shop_list_string *result);"),
                    HasSubstr("void shop_cart_item_delete(shop_cart_item *handle);"),
                    HasSubstr("tenon_error *shop_cart_item_new(shop *self, tenon_string name, "
                              "shop_cart_item **result);"),
                    HasSubstr("tenon_error *shop_cart_item_price(shop *self, shop_cart_item *item, "
                              "uint32_t *result);"),
                    HasSubstr("shop_cart_item_merge(shop *self, shop_cart_item *a, "
                              "shop_cart_item *b, shop_cart_item **result);"),
                    HasSubstr("shop_cart_close_start(shop *self, shop_cart_close_done done, "
                              "void *user, tenon_task **task);"),
                    HasSubstr("int32_t (*write)(void *user, tenon_call *call, tenon_string line);"),
                    HasSubstr("void shop_log_provide(tenon_builder *builder, const "
                              "shop_log_functions *functions, void *user,")));
}

// Numbers alone are passed as the Canonical ABI flattens them.
TEST_F(Bindgen, CodeInCCallsFunctionsOfNumbersDirectly) {
  const std::string code = c_code(generate_c(wit(R"(package a:kit;
interface i {
  enum color { red, green }
  mix: func(a: color, b: s8, c: f32) -> color;
  text: func(a: u32) -> string;
}
world kit { export i; })")));
  EXPECT_THAT(
      code,
      AllOf(HasSubstr("{(uint64_t)a, (uint64_t)(int64_t)b, tenon_c_bits_of_f32(c)}"),
            HasSubstr("if (result != NULL) *result = (kit_i_color)number_;"),
            HasSubstr("return tenon_c_call((tenon_c_found *)self, 1, args_, arena, result);")));
}

// Names that would hide others, or are those of the C API or of the C library.
TEST_F(Bindgen, NamesInCAreUnique) {
  const std::string code = c_code(generate_c(wit(R"(package a:kit;
interface i {
  record tuple1-u8 { f0: u8 }
  f: func(a: list<tuple<u8>>, self: u8, %result: u8, uint8-t: u8, index-i-f: u8) -> tuple1-u8;
}
interface tuple1 { type %u8 = u32; g: func(a: u8); }
world index { export i; export tuple1; })")));
  EXPECT_THAT(code,
              AllOf(HasSubstr("typedef struct index_ index_;"),
                    HasSubstr("typedef uint32_t index_tuple1_u8;"), HasSubstr("index_tuple1_u8_;"),
                    HasSubstr("uint8_t self_"), HasSubstr("uint8_t result_"),
                    HasSubstr("uint8_t uint8_t_"), HasSubstr("uint8_t index_i_f_")));
  const std::string like_api =
      c_code(generate_c(wit("package a:kit; world tenon-error { export delete: func(); }")));
  EXPECT_THAT(like_api, HasSubstr("tenon_error *tenon_error__delete_(tenon_error_ *self);"));
}

TEST_F(Bindgen, CodeInCIsRefusedForTypesThatCallsDoNotPass) {
  EXPECT_THAT(
      text_of(generate_c(wit("package a:kit; world w { export f: func() -> error-context; }"))),
      HasSubstr("has types that cannot be written in C"));
}

TEST_F(Bindgen, TheFileIsNamedAfterTheBundle) {
  BindgenOptions options = wit("package a:my-kit; interface i { f: func(); }");
  EXPECT_EQ(generate_host_cpp(options)->files.front().path, "my_kit_host.h");
  options.name = "Other-2";
  EXPECT_EQ(generate_host_c(options)->files.front().path, "other_2_host.h");
}

TEST_F(Bindgen, WithoutAWorldTheBundleProvidesEveryInterface) {
  const BindgenOptions options =
      wit("package a:kit; interface one { type t = u8; } interface two { f: func() -> string; }");
  EXPECT_THAT(
      text_of(generate_host_cpp(options)),
      AllOf(HasSubstr("namespace kit_host::one"), HasSubstr("using t = std::uint8_t;"),
            HasSubstr("class instance : public two::exports"), Not(HasSubstr("one::exports"))));
}

TEST_F(Bindgen, AnEmptyWorldMakesAnEmptyBundle) {
  const BindgenOptions options = wit("package a:kit; world none {}");
  EXPECT_THAT(
      text_of(generate_host_cpp(options)),
      AllOf(
          HasSubstr("class instance {"),
          HasSubstr(
              "std::array<tenon_func_def, 0> module_functions(const instance*) {\n  return {};")));
  EXPECT_THAT(text_of(generate_host_c(options)), HasSubstr("create, destroy, NULL, 0, \\\n"));
}

// The generated header says which version of the glue it needs; the rest of its text is its WIT's.
TEST_F(Bindgen, AHeaderIncludesTheGlueAndAssertsItsVersion) {
  const std::string text = text_of(generate_host_cpp(wit("package a:kit; world empty {}")));
  EXPECT_THAT(text, AllOf(HasSubstr("#include <tenon/host_glue.h>\n"),
                          HasSubstr("static_assert(tenon::host_glue::version >= "),
                          HasSubstr("static_assert(tenon::host_glue::oldest_version <= ")));
  EXPECT_THAT(text, Not(HasSubstr("class expected")));
}

TEST_F(Bindgen, LongListsOfFixedLengthAreVectors) {
  const BindgenOptions options =
      wit("package a:kit; interface i { f: func(a: list<u8, 1024>, b: list<u8, 1025>) -> "
          "list<string, 2000>; "
          "}");
  EXPECT_THAT(text_of(generate_host_cpp(options)),
              AllOf(HasSubstr("const std::array<std::uint8_t, 1024>& a"),
                    HasSubstr("const std::vector<std::uint8_t>& b"),
                    HasSubstr("virtual std::vector<std::string> f(")));
}

// All problems are reported, each with its line.
TEST_F(Bindgen, WitThatNativeCodeCannotImplementIsRejected) {
  const std::string problems = text_of(generate_host_cpp(wit(R"(package a:kit;
interface calls { f: func(); }
interface types { record r { x: u8 } }
interface shop {
  use types.{r};
  slow: async func() -> u8;
  feed: func(data: list<stream<u8>>) -> r;
  wait: func() -> error-context;
  tell: func(why: option<error-context>);
}
world w { import calls; export shop; })")));
  EXPECT_THAT(problems, HasSubstr("host-wit-mismatch: the world of host 'kit' imports "
                                  "`a:kit/calls`, but native code cannot call guests"));
  EXPECT_THAT(problems,
              AllOf(HasSubstr("a.wit:8)"), Not(HasSubstr("slow")), Not(HasSubstr("feed"))));
  for (const char* const name : {"wait", "tell"})
    EXPECT_THAT(problems, HasSubstr(fmt::format("`a:kit/shop#{}` uses an error-context, which host "
                                                "bundles do not support",
                                                name)));
}

// The world of a guest describes the same library as that of a host, resources included.
TEST_F(Bindgen, AWorldWithoutExportsOffersItsImports) {
  constexpr std::string_view kInterfaces = R"(package a:kit;
interface types { record r { x: u8 } }
interface store { resource bucket { constructor(); get: func() -> u8; } }
interface shop { use types.{r}; use store.{bucket}; sell: func(of: borrow<bucket>) -> r; }
)";
  const auto header_of = [&](std::string_view world, WorldSide offers) {
    BindgenOptions options = wit(fmt::format("{}world w {{ {} }}", kInterfaces, world));
    options.offers = offers;
    return text_of(generate_host_cpp(options));
  };
  const std::string header =
      header_of("export store; export shop; export f: func(n: u8) -> string;", WorldSide::Auto);
  EXPECT_THAT(header, HasSubstr("class bucket"));
  EXPECT_EQ(header_of("import shop; import f: func(n: u8) -> string;", WorldSide::Auto), header);
  EXPECT_EQ(header_of("import shop; import f: func(n: u8) -> string; export run: func();",
                      WorldSide::Imports),
            header);
  const std::string both = header_of("import shop; export run: func();", WorldSide::Auto);
  EXPECT_THAT(both, AllOf(HasSubstr("imports `a:kit/shop`, but native code cannot call guests"),
                          HasSubstr("imports `a:kit/store`, but native")));
  EXPECT_THAT(header_of("export shop;", WorldSide::Imports), HasSubstr("class bucket"));
  EXPECT_THAT(header_of("export run: func();", WorldSide::Imports),
              HasSubstr("host 'kit' is to provide the imports of its world, but `a:kit/w` imports "
                        "no functions"));
  BindgenOptions without_world = wit(kInterfaces);
  without_world.offers = WorldSide::Imports;
  EXPECT_THAT(text_of(generate_host_cpp(without_world)),
              HasSubstr("is to provide the imports of its world, but its WIT has no world"));
}

TEST_F(Bindgen, ASkeletonKeepsTheSideOfItsWorld) {
  BindgenOptions options =
      wit("package a:kit; world w { import f: func(); export run: func(); } world x {}");
  options.world = "w";
  options.offers = WorldSide::Imports;
  std::string texts;
  const auto files = make_host_skeleton(options, HostLanguage::C);
  ASSERT_TRUE(files);
  for (const GeneratedFile& file : files->files) texts += file.text;
  EXPECT_THAT(texts, AllOf(HasSubstr("world = \"w\"\noffers = \"imports\"\n"),
                           HasSubstr(" --world w --offers imports")));
}

TEST_F(Bindgen, InvalidBundleNamesAreRejected) {
  BindgenOptions options = wit("package a:kit; interface i { f: func(); }");
  for (const char* const name : {"a b", "-a", "1a", "a-", "a--b", "a_b", "\"", "a\n"}) {
    options.name = name;
    EXPECT_THAT(text_of(generate_host_cpp(options)), HasSubstr("is not a valid bundle name"))
        << name;
  }
}

// A component that imports an instance with a function and a resource.
BindgenOptions write_component(const TemporaryFolder& folder, std::string_view interface,
                               std::string_view function, std::string_view resource) {
  binary::TypeWriter type(binary::TypeWriter::Kind::Instance);
  type.export_item({resource}, types::kSubResource);
  type.export_item({function}, types::func(type.add_type(binary::FuncDef{})));
  binary::ComponentWriter out;
  out.import_item({interface}, types::instance(out.add_type(type)));
  const auto bytes = std::move(out).finish().bytes;
  return {
      .wit = folder.write("a.wasm", {reinterpret_cast<const char*>(bytes.data()), bytes.size()}),
      .name = "a"};
}

// A component, unlike WIT text, can have any text in its names.
TEST_F(Bindgen, NamesThatWouldBeCodeAreRefused) {
  const auto expect = [&](const BindgenOptions& options, const auto& matcher) {
    EXPECT_THAT(text_of(generate_c(options)), matcher);
    EXPECT_THAT(text_of(generate_cpp(options, Callers::NotPassed)), matcher);
    EXPECT_THAT(text_of(generate_python(options)), matcher);
    EXPECT_THAT(text_of(generate_host_c(options)), matcher);
    EXPECT_THAT(text_of(generate_host_cpp(options)), matcher);
  };
  const auto refused = HasSubstr("is not a name that generated code can have");
  expect(write_component(folder_, "a:b/c", "f", "r"), Not(refused));
  expect(write_component(folder_, "url=<x\", 0}};int run;//>", "f", "r"), refused);
  expect(write_component(folder_, "a:b/c/*/ int run; /*", "f", "r"), refused);
  expect(write_component(folder_, "a:b/c", "a:b/c/\"", "r"), refused);
  expect(write_component(folder_, "a:b/c", "f", "url=<*/>"), refused);
}

TEST_F(Bindgen, ARefusedNameOfAComponentIsToBeChangedInItsSource) {
  const auto code = generate_c(write_component(folder_, "url=<x>", "f", "r"));
  ASSERT_FALSE(code);
  ASSERT_EQ(code.error().front().hints.size(), 1U);
  EXPECT_EQ(std::string(code.error().front().hints.front()),
            "rename it in the source of the component, and build it again");
}

// A function can use a resource of an instance in its interface, which has no code of its own.
TEST_F(Bindgen, CommentsDoNotEndInADeclaration) {
  constexpr std::string_view kName = "url=<*/ int run;>";
  binary::TypeWriter inner(binary::TypeWriter::Kind::Instance);
  inner.export_item({kName}, types::kSubResource);
  binary::TypeWriter type(binary::TypeWriter::Kind::Instance);
  const std::uint32_t instance = type.export_item({"in"}, types::instance(type.add_type(inner)));
  const std::uint32_t resource = type.alias_export(instance, binary::Sort::Type, kName);
  const std::uint32_t own = type.add_type(binary::OwnDef{resource});
  type.export_item({"f"}, types::func(type.add_type(binary::FuncDef{.params = {{"r", own}}})));
  binary::ComponentWriter out;
  out.import_item({"a:b/c"}, types::instance(out.add_type(type)));
  const auto bytes = std::move(out).finish().bytes;
  const BindgenOptions options{
      .wit = folder_.write("a.wasm", {reinterpret_cast<const char*>(bytes.data()), bytes.size()}),
      .name = "a"};
  const std::string text = text_of(generate_host_c(options));
  EXPECT_THAT(text, HasSubstr("int run;"));
  EXPECT_THAT(text, Not(HasSubstr("*/ int run;")));
}

TEST_F(Bindgen, ProblemsOfTheWitAreReported) {
  EXPECT_THAT(text_of(generate_host_cpp({.wit = "none.wit", .name = "a"})), HasSubstr("read-file"));
  EXPECT_THAT(text_of(generate_host_cpp(wit("package a:kit; interface {"))),
              HasSubstr("wit-syntax"));
  BindgenOptions options = wit("package a:kit; world one {} world two {}");
  EXPECT_THAT(text_of(generate_host_cpp(options)), HasSubstr("wit-world-missing"));
  options.world = "twoo";
  EXPECT_THAT(text_of(generate_host_c(options)), HasSubstr("has no world `twoo`"));
}

TEST_F(Bindgen, ASkeletonHasTheWitWithItsDependencies) {
  const auto files = make_host_skeleton(
      {.wit = TENON_SOURCE_DIR "/tests/bundles/names/wit", .name = "my-names"}, HostLanguage::C);
  ASSERT_TRUE(files) << text_of(files);
  std::vector<std::string> paths;
  for (const GeneratedFile& file : files->files) paths.push_back(file.path);
  EXPECT_THAT(paths, testing::UnorderedElementsAre(
                         "wit/deps/first/first.wit", "wit/deps/second/second.wit", "wit/names.wit",
                         "host.toml", "README.md", ".gitignore", "gen/my_names_host.h",
                         "src/my_names.c", "CMakeLists.txt", "include/tenon/tenon_host.h"));
  for (const GeneratedFile& file : files->files)
    if (!file.path.starts_with("wit/")) {
      // Every placeholder of the templates is replaced.
      EXPECT_THAT(file.text, Not(testing::ContainsRegex("@[A-Z]+@"))) << file.path;
    }
}

TEST_F(Bindgen, ASkeletonInCppHasTheHeadersThatItNeeds) {
  const auto files = make_host_skeleton(wit("package a:kit; world empty {}"), HostLanguage::Cpp);
  ASSERT_TRUE(files) << text_of(files);
  std::vector<std::string> paths;
  for (const GeneratedFile& file : files->files) paths.push_back(file.path);
  EXPECT_THAT(paths,
              testing::IsSupersetOf({"include/tenon/tenon_host.h", "include/tenon/host_glue.h",
                                     "include/tenon/detail/host_streams.h",
                                     "include/tenon/detail/host_values.h"}));
}

}  // namespace
}  // namespace tenon::bindgen::bindgen_test
