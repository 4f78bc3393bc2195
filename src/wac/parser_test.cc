// The syntax of `.wac` files, and problems in it with their places.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "support/limits.h"
#include "support/memory_files.h"
#include "wac/syntax.h"
#include "wac/translate.h"

namespace tenon::wac {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;

Document parse(std::string_view text) {
  Result<Document> document = parse_wac("app.wac", text);
  if (document) return *std::move(document);
  ADD_FAILURE() << document.error().front().message;
  return {};
}

Diagnostics problems_of(std::string_view text) {
  Result<Document> document = parse_wac("app.wac", text);
  if (!document) return document.error();
  ADD_FAILURE() << "it parses";
  return {};
}

std::string message_of(std::string_view text) {
  const Diagnostics problems = problems_of(text);
  return problems.empty() ? std::string() : problems.front().message;
}

template <class Kind>
const Kind& statement(const Document& document, std::size_t at) {
  return std::get<Kind>(document.statements.at(at));
}

TEST(WacParser, ReadsThePackageAndItsTarget) {
  const Document plain = parse("package demo:app;");
  EXPECT_EQ(plain.package.name, "demo:app");
  EXPECT_FALSE(plain.targets);
  const Document full = parse("// x\npackage demo:app@1.0.0-rc.1 targets wasi:http/proxy@0.2.6;");
  EXPECT_EQ(full.package.text(), "demo:app@1.0.0-rc.1");
  EXPECT_EQ(full.targets->text(), "wasi:http/proxy@0.2.6");
}

// The parts of a text that the edits of a document take out.
std::vector<std::string> cut_out(std::string_view text) {
  std::vector<std::string> parts;
  for (const Edit& edit : parse(text).edits)
    parts.emplace_back(text.substr(edit.at.begin, edit.at.end - edit.at.begin));
  return parts;
}

TEST(WacParser, TakesOutWhatWitDoesNotHave) {
  EXPECT_THAT(cut_out("package demo:app; world w { include v with { a as b }; export c: func(); }"),
              ElementsAre(";"));
  EXPECT_THAT(cut_out("package demo:app; world w { include v with { a as b } }"), SizeIs(0));
  EXPECT_THAT(cut_out("package demo:app; interface i { f: func() -> result<_>; }\n"
                      "import g: func() -> result< _ >; type t = result<_, u8>;"),
              ElementsAre("<_>", "< _ >"));
}

TEST(WacParser, RefusesTypesThatNoComponentHas) {
  const auto message = [](const std::string& type) {
    return message_of("package demo:app; interface i { " + type + " }");
  };
  EXPECT_EQ(message("flags f {}"), "`f` has no flag");
  EXPECT_EQ(message("record r { }"), "`r` has no field");
  EXPECT_EQ(message("variant v { a(list<u8>), b, a }"), "duplicate case `a`");
  EXPECT_EQ(message("enum e { a-b, A-B }"), "duplicate case `A-B`");
  EXPECT_EQ(message("flags f { a, %a }"), "duplicate flag `%a`");
  EXPECT_EQ(message("record r { a: result<u8, u8>, b: u8, a: u8 }"), "duplicate field `a`");
  std::string flags;
  for (int i = 0; i < 33; ++i) flags += "f" + std::to_string(i) + ",";
  EXPECT_EQ(message("flags f {" + flags + "}"), "`f` has 33 flags, more than 32");
  EXPECT_THAT(problems_of("package demo:app; enum e { a, a }"), SizeIs(1));
  // Names like those in another place are not members.
  EXPECT_EQ(parse("package demo:app; interface i { record r { a: u8 } record s { a: r, b: r, } "
                  "enum %record { a } }")
                .statements.size(),
            1U);
}

TEST(WacParser, ReadsAllArguments) {
  const Document document = parse(R"(package demo:app;
               let x = new a:b@1.2.0 { tax, log: c.d["e:f/g"], "h:i/j": (new k:l {}).m, ...n, ..., };)");
  const auto& let = statement<LetStatement>(document, 0);
  EXPECT_EQ(let.id.text, "x");
  const Expr& created = let.value;
  EXPECT_TRUE(created.is_new);
  EXPECT_EQ(created.package.text(), "a:b@1.2.0");
  ASSERT_THAT(created.arguments, SizeIs(5));
  using Kind = Argument::Kind;
  EXPECT_EQ(created.arguments[0].kind, Kind::Inferred);
  EXPECT_EQ(created.arguments[1].kind, Kind::Named);
  EXPECT_EQ(created.arguments[1].value.local.text, "c");
  ASSERT_THAT(created.arguments[1].value.accesses, SizeIs(2));
  EXPECT_FALSE(created.arguments[1].value.accesses[0].is_quoted);
  EXPECT_EQ(created.arguments[1].value.accesses[1].text, "e:f/g");
  EXPECT_TRUE(created.arguments[2].name.is_quoted);
  EXPECT_EQ(created.arguments[2].value.accesses[0].text, "m");
  EXPECT_EQ(created.arguments[3].kind, Kind::Spread);
  EXPECT_EQ(created.arguments[3].name.text, "n");
  EXPECT_EQ(created.arguments[4].kind, Kind::Fill);
}

TEST(WacParser, ReadsExports) {
  const Document document =
      parse("package a:b; export x; export x.y as \"z:z/z\"; export x... ; export %let.%new as n;");
  EXPECT_FALSE(statement<ExportStatement>(document, 0).as);
  EXPECT_EQ(statement<ExportStatement>(document, 1).as->text, "z:z/z");
  EXPECT_TRUE(statement<ExportStatement>(document, 2).is_spread);
  const auto& last = statement<ExportStatement>(document, 3);
  EXPECT_EQ(last.value.local.text, "let");
  EXPECT_EQ(last.value.accesses[0].text, "new");
  EXPECT_FALSE(last.as->is_quoted);
}

TEST(WacParser, ReadsImports) {
  const std::string text = R"(package a:b;
    import log as "x:y/z": acme:log/sink@1.0.0;
    import rate: func(a: u32) -> result<_, string>;
    import store: interface { use acme:types/all.{key}; get: func(k: key); };
    import other: store-type;)";
  const Document document = parse(text);
  const auto type_of = [&](std::size_t at) {
    return statement<ImportStatement>(document, at).type;
  };
  const auto text_of = [&](Span span) { return text.substr(span.begin, span.end - span.begin); };
  EXPECT_EQ(statement<ImportStatement>(document, 0).as->text, "x:y/z");
  EXPECT_EQ(type_of(0).path.text(), "acme:log/sink@1.0.0");
  EXPECT_EQ(text_of(type_of(1).span), "func(a: u32) -> result<_, string>");
  EXPECT_THAT(text_of(type_of(2).span), testing::EndsWith("get: func(k: key); }"));
  EXPECT_EQ(type_of(3).local.text, "store-type");
  ASSERT_THAT(document.used, SizeIs(1));
  EXPECT_EQ(document.used[0].path.text(), "acme:types/all");
}

TEST(WacParser, KeepsDeclarationsAsText) {
  const std::string text = R"(package a:b;
    interface i { record r { x: u8 } f: func() -> r; }
    world w { import i; include c:d/e@1.0.0 with { f as g } }
    type t = list<u8>;
    type callback = func(x: t);
    flags f { a, b })";
  const Document document = parse(text);
  ASSERT_THAT(document.statements, SizeIs(5));
  using Kind = TypeStatement::Kind;
  EXPECT_EQ(statement<TypeStatement>(document, 0).kind, Kind::Interface);
  EXPECT_EQ(statement<TypeStatement>(document, 1).kind, Kind::World);
  EXPECT_EQ(statement<TypeStatement>(document, 2).kind, Kind::Type);
  const Span span = statement<TypeStatement>(document, 2).span;
  EXPECT_EQ(text.substr(span.begin, span.end - span.begin), "type t = list<u8>;");
  const Span function = statement<TypeStatement>(document, 3).function;
  EXPECT_EQ(text.substr(function.begin, function.end - function.begin), "func(x: t)");
  EXPECT_EQ(document.used.at(0).path.text(), "c:d/e@1.0.0");
}

// `type f = func(..)`, its uses, and the `;` after an inline interface.
TEST(WacParser, NotesWhatIsNotWit) {
  const std::string text = R"(package a:b;
    type f = func(x: u8);
    interface i { type g = func(); use x:y/z.{t}; a: f; b: g; c: t; }
    world w { import d: interface { e: f; }; import h: g; export k: f; }
    type m = f;)";
  const Document document = parse(text);
  std::vector<std::pair<std::string, std::string>> edits;
  const auto text_of = [&](Span span) { return text.substr(span.begin, span.end - span.begin); };
  for (const Edit& edit : document.edits) edits.emplace_back(text_of(edit.at), text_of(edit.by));
  using testing::Pair;
  EXPECT_THAT(edits, ElementsAre(Pair("type g = func();", ""), Pair("f", "func(x: u8)"),
                                 Pair("g", "func()"), Pair("f", "func(x: u8)"), Pair(";", ""),
                                 Pair("f", "func(x: u8)")));
  EXPECT_EQ(text_of(statement<TypeStatement>(document, 3).function), "func(x: u8)");
}

TEST(WacParser, ReadsWhatAUseTakes) {
  const Document document = parse(
      "package a:b; interface i { use c:d/e.{f, %use as g,}; use h.{k}; } world w { include c:d/w; "
      "}");
  ASSERT_THAT(document.used, SizeIs(2));
  ASSERT_THAT(document.used[0].types, SizeIs(2));
  EXPECT_EQ(document.used[0].types[0].text, "f");
  EXPECT_EQ(document.used[0].types[1].text, "use");
  EXPECT_THAT(document.used[1].types, SizeIs(0));
}

TEST(WacParser, KeepsGatesWithTheirDeclarations) {
  const std::string text = R"(package a:b;
    @since(version = 1.2.0-rc.1) @deprecated(version = 1.3.0)
    interface i { @unstable(feature = x) f: func(); }
    @unstable(feature = x) world w { @unstable(feature = y) type t = list<u8, 4>; })";
  const Document document = parse(text);
  ASSERT_THAT(document.statements, SizeIs(2));
  const auto text_of = [&](std::size_t i) {
    const Span span = statement<TypeStatement>(document, i).span;
    return text.substr(span.begin, span.end - span.begin);
  };
  EXPECT_THAT(text_of(0), testing::StartsWith("@since(version = 1.2.0-rc.1) @deprecated"));
  EXPECT_THAT(text_of(1), testing::StartsWith("@unstable(feature = x) world w {"));
  const std::string gate = "@unstable(feature = x) ";
  EXPECT_EQ(message_of("package a:b; interface i { " + gate + "type g = func(); }"),
            "`g` is the type of a function, which has no gate");
  EXPECT_EQ(message_of("package a:b; " + gate + "type t = u8;"),
            "expected an interface or a world after its gate, found `type`");
  EXPECT_EQ(message_of("package a:b; " + gate + "import i: c:d/e;"),
            "expected an interface or a world after its gate, found `import`");
  EXPECT_EQ(message_of("package a:b; @unstable(feature = x"),
            "expected an interface or a world after its gate, found the end of the file");
}

TEST(WacParser, SkipsCommentsThatNest) {
  EXPECT_THAT(parse("/* a /* b */ c */ package a:b; // let\n/// doc\nexport x;").statements,
              SizeIs(1));
}

TEST(WacParser, NamesThePlaceOfAProblem) {
  const Diagnostics problems = problems_of("package a:b;\nlet x = new a { ... };\n");
  ASSERT_THAT(problems, SizeIs(1));
  EXPECT_EQ(problems[0].code, "wac-syntax");
  EXPECT_EQ(problems[0].where.file, "app.wac");
  EXPECT_EQ(problems[0].where.line, 2U);
  EXPECT_EQ(problems[0].where.column, 13U);
  EXPECT_THAT(problems[0].message, HasSubstr("the name of a package after `new`"));
  EXPECT_THAT(problems[0].excerpt.lines, ElementsAre("let x = new a { ... };", "            ^"));
}

TEST(WacParser, GoesOnAfterAProblem) {
  const Diagnostics problems =
      problems_of("package a:b;\nlet = x;\nlet y = new c:d { e f };\nexport;\nexport y;\n*\n");
  std::vector<std::uint32_t> lines;
  for (const Diagnostic& problem : problems) lines.push_back(problem.where.line);
  EXPECT_THAT(lines, ElementsAre(2, 3, 4, 6));
}

TEST(WacParser, SaysWhatWasExpected) {
  EXPECT_THAT(message_of(""), HasSubstr("expected `package`, found the end of the file"));
  EXPECT_THAT(message_of("package a;"), HasSubstr("the name of a package"));
  EXPECT_THAT(message_of("package a:b"), HasSubstr("expected `;`"));
  EXPECT_THAT(message_of("package a:b@1.x;"), HasSubstr("`1.x` is not a version"));
  EXPECT_THAT(message_of("package a:b; package c:d;"), HasSubstr("expected `import`, `let`"));
  EXPECT_THAT(message_of("package a:b; import x y;"), HasSubstr("expected `:`"));
  EXPECT_THAT(message_of("package a:b; interface i {"), HasSubstr("never closed"));
  EXPECT_THAT(message_of("package a:b; let x = new c:d { ...\"e\" };"),
              HasSubstr("the name of an instance after `...`"));
  EXPECT_THAT(message_of("package a:b; export x[y];"), HasSubstr("in quotes"));
  EXPECT_THAT(message_of("package a:b; export x as \"y;"), HasSubstr("unterminated string"));
  EXPECT_THAT(message_of("package a:b; /* /* */"), HasSubstr("unterminated comment"));
  EXPECT_THAT(message_of("package a:b; export x$$y;"), HasSubstr("unexpected `$$`"));
  EXPECT_THAT(message_of("package a:b; // \u202e\n"), HasSubstr("is not allowed"));
}

TEST(WacParser, HintsAtKeywords) {
  const Diagnostics problems = problems_of("package a:b; let type = x;");
  ASSERT_FALSE(problems.empty());
  EXPECT_THAT(problems[0].hints, ElementsAre(HasSubstr("write `%type`")));
}

TEST(WacParser, LimitsNestingAndProblems) {
  const std::string deep(100'000, '(');
  EXPECT_THAT(message_of("package a:b; export " + deep + "x;"), HasSubstr("nest deeper than"));
  std::string arguments = "package a:b; let x = ";
  for (int i = 0; i < 10'000; ++i) arguments += "new c:d { a: ";
  EXPECT_THAT(message_of(arguments), HasSubstr("nest deeper than"));
  std::string many = "package a:b;";
  for (int i = 0; i < 1000; ++i) many += "let;";
  EXPECT_THAT(problems_of(many), SizeIs(kMostProblems));
}

// To look for the end of each from its beginning would take minutes.
TEST(WacParser, ReadsManyUnfinishedDeclarations) {
  const auto repeated = [](const std::string& part) {
    std::string text = "package a:b; interface i { ";
    for (int i = 0; i < 200'000; ++i) text += part;
    return text;
  };
  EXPECT_THAT(message_of(repeated("enum e { ")), HasSubstr("never closed"));
  EXPECT_THAT(message_of(repeated("record r { ( ")), HasSubstr("never closed"));
  EXPECT_THAT(message_of(repeated("use c:d/e.{ ")), HasSubstr("never closed"));
}

// WIT has no declarations of function types, so each use gets a copy.
TEST(WacTypes, LimitTheTypesOfFunctions) {
  std::string type = "type f = func(";
  for (int i = 0; i < 5000; ++i) type += "a" + std::to_string(i) + ": result<_>, ";
  type += "z: u8);";
  std::string uses;
  for (int i = 0; i < 1000; ++i) uses += " g" + std::to_string(i) + ": f;";
  std::string imports;
  for (int i = 0; i < 1000; ++i) imports += "import h" + std::to_string(i) + ": f;";
  for (const std::string& text : {"interface i { " + type + uses + " }", type + imports}) {
    MemoryFiles files;
    files.add("app.wac", "package a:b; " + text);
    const Result<Translation> translation = translate_wac("app.wac", {}, files);
    ASSERT_FALSE(translation);
    EXPECT_EQ(translation.error().front().code, "wac-syntax");
    EXPECT_THAT(translation.error().front().message, HasSubstr("more than 16777216 bytes"));
  }
}

}  // namespace
}  // namespace tenon::wac
