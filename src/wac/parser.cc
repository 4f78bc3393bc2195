// A recursive-descent parser. A function that fails has recorded the problem; the statement is then
// dropped, and the parser goes on behind the next `;` that is outside of braces.
#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <map>
#include <utility>
#include <vector>

#include "support/limits.h"
#include "support/semver.h"
#include "wac/lexer.h"
#include "wac/syntax.h"

namespace tenon::wac {

namespace {

// Words that are not identifiers unless a `%` precedes them.
constexpr std::string_view kKeywords[] = {
    "as",  "bool",   "borrow",  "char",   "constructor", "enum",      "export", "f32",
    "f64", "flags",  "func",    "import", "include",     "interface", "let",    "list",
    "new", "option", "package", "record", "resource",    "result",    "s16",    "s32",
    "s64", "s8",     "static",  "string", "targets",     "tuple",     "type",   "u16",
    "u32", "u64",    "u8",      "use",    "variant",     "with",      "world"};

// A type with named members.
struct MemberKind {
  std::string_view word;  // that declares it
  std::string_view member;
  std::string_view rule;
};
constexpr MemberKind kMemberKinds[] = {{"enum", "case", "an enum needs at least one case"},
                                       {"flags", "flag", "flags need at least one flag"},
                                       {"record", "field", "a record needs at least one field"},
                                       {"variant", "case", "a variant needs at least one case"}};

bool is_keyword(std::string_view word) {
  return std::ranges::find(kKeywords, word) != std::end(kKeywords);
}

class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text), tokens_(lex(text, problems_)) {}

  Document run() {
    if (!read_package()) skip_statement(0);
    while (peek().kind != Token::Kind::End && problems_.size() < kMostProblems) {
      const std::size_t begin = at_;
      if (!read_statement()) skip_statement(begin);
    }
    if (problems_.empty()) check_members();
    edit_results();
    std::ranges::stable_sort(document_.edits, {}, [](const Edit& edit) { return edit.at.begin; });
    return std::move(document_);
  }

  [[nodiscard]] std::vector<TextProblem> take_problems() {
    std::ranges::stable_sort(problems_, {}, &TextProblem::begin);
    if (problems_.size() > kMostProblems) problems_.resize(kMostProblems);
    return std::move(problems_);
  }

 private:
  using Kind = Token::Kind;

  // -- Tokens

  [[nodiscard]] const Token& peek(std::size_t ahead = 0) const {
    return tokens_[std::min(at_ + ahead, tokens_.size() - 1)];
  }
  const Token& take() {
    const Token& token = peek();
    if (at_ + 1 < tokens_.size()) ++at_;
    return token;
  }
  [[nodiscard]] bool is_sign(std::string_view sign, std::size_t ahead = 0) const {
    return peek(ahead).kind == Kind::Sign && peek(ahead).text == sign;
  }
  [[nodiscard]] bool is_word(std::string_view word) const {
    return peek().kind == Kind::Identifier && peek().text == word;
  }
  [[nodiscard]] bool is_identifier() const {
    return peek().kind == Kind::Identifier && !is_keyword(peek().text);
  }
  [[nodiscard]] std::size_t last_end() const { return at_ == 0 ? 0 : tokens_[at_ - 1].span.end; }

  bool accept(std::string_view sign) {
    if (!is_sign(sign)) return false;
    take();
    return true;
  }
  bool accept_word(std::string_view word) {
    if (!is_word(word)) return false;
    take();
    return true;
  }

  bool fail_at(Span span, std::string message, std::string hint = {}) {
    problems_.push_back({span.begin, span.end, std::move(message), std::move(hint)});
    return false;
  }
  bool fail(std::string_view expected, std::string hint = {}) {
    const Token& found = peek();
    if (found.kind == Kind::Identifier && is_keyword(found.text) && hint.empty() &&
        expected.find("name") != std::string_view::npos)
      hint = fmt::format("`{0}` is a keyword: write `%{0}` for an item of this name", found.text);
    return fail_at(
        found.span,
        fmt::format("expected {}, found {}", expected,
                    found.kind == Kind::End ? "the end of the file" : quote_text(found.text)),
        std::move(hint));
  }
  bool expect(std::string_view sign, std::string_view after) {
    return accept(sign) || fail(fmt::format("`{}` after {}", sign, after));
  }

  // Skips behind the `;` that ends the statement that begins at token `begin`, or to the next
  // statement if its braces are closed.
  void skip_statement(std::size_t begin) {
    std::size_t depth = 0;
    for (std::size_t i = begin; i < at_; ++i) count_brace(tokens_[i], depth);
    while (peek().kind != Kind::End) {
      const Token& token = take();
      count_brace(token, depth);
      if (depth > 0 || token.kind != Kind::Sign) continue;
      if (token.text == ";" || (token.text == "}" && begins_statement())) return;
    }
  }
  static void count_brace(const Token& token, std::size_t& depth) {
    if (token.kind != Kind::Sign) return;
    if (token.text == "{") ++depth;
    if (token.text == "}" && depth > 0) --depth;
  }
  [[nodiscard]] bool begins_statement() const {
    constexpr std::array<std::string_view, 10> kWords = {"import",  "let",  "export", "interface",
                                                         "world",   "type", "enum",   "record",
                                                         "variant", "flags"};
    return is_sign("@") || (peek().kind == Kind::Identifier &&
                            std::ranges::find(kWords, peek().text) != kWords.end());
  }

  // -- Names

  bool read_identifier(Name& name, std::string_view what) {
    if (!is_identifier()) return fail(what);
    const Token& token = take();
    name = {.text = std::string(token.text.substr(token.text.starts_with('%') ? 1 : 0)),
            .is_quoted = false,
            .span = token.span};
    return true;
  }

  bool read_string(Name& name, std::string_view what) {
    if (peek().kind != Kind::String) return fail(what);
    const Token& token = take();
    name = {.text = std::string(token.text.substr(1, token.text.size() - 2)),
            .is_quoted = true,
            .span = token.span};
    return true;
  }

  bool read_name(Name& name, std::string_view what) {
    return peek().kind == Kind::String ? read_string(name, what) : read_identifier(name, what);
  }

  // A package name, or the part of a path that is one.
  bool read_package_name(PackageName& package, std::string* item) {
    const Token& token = take();
    const std::size_t at = token.text.find('@');
    const std::string_view path = token.text.substr(0, at);
    const std::size_t slash = path.find('/');
    package.span = token.span;
    package.name = path.substr(0, slash);
    if (item != nullptr && slash != std::string_view::npos) *item = path.substr(slash + 1);
    // `%` only lets keywords be names.
    std::erase(package.name, '%');
    if (item != nullptr) std::erase(*item, '%');
    if (at == std::string_view::npos) return true;
    package.version = token.text.substr(at + 1);
    const Result<Version, VersionError> version = parse_version(package.version);
    if (version) return true;
    return fail_at(
        {token.span.begin + at + 1, token.span.end},
        fmt::format("`{}` is not a version: {}", package.version, version.error().reason),
        "write a version such as `1.2.0`");
  }

  bool read_path(PackagePath& path, std::string_view what) {
    if (peek().kind != Kind::PackagePath) return fail(what);
    return read_package_name(path.package, &path.item);
  }

  // -- Statements

  // package-decl ::= 'package' package-name ('targets' package-path)? ';'
  bool read_package() {
    document_.directive.begin = peek().span.begin;
    if (!accept_word("package"))
      return fail("`package`", "begin the file with `package demo:app;`");
    if (peek().kind != Kind::PackageName) return fail("the name of a package, such as `demo:app`");
    if (!read_package_name(document_.package, nullptr)) return false;
    if (accept_word("targets")) {
      document_.targets.emplace();
      if (!read_path(*document_.targets, "the path of a world, such as `wasi:http/proxy@0.2.6`"))
        return false;
    }
    const bool is_ended = expect(";", "the package");
    document_.directive.end = last_end();
    return is_ended;
  }

  bool read_statement() {
    if (is_word("import")) return read_import();
    if (is_word("let")) return read_let();
    if (is_word("export")) return read_export();
    if (begins_statement()) return read_declaration();
    return fail("`import`, `let`, `export` or the declaration of a type");
  }

  // import-statement ::= 'import' id ('as' (id | string))? ':' import-type ';'
  bool read_import() {
    take();
    ImportStatement import;
    if (!read_identifier(import.id, "the name of the import")) return false;
    if (accept_word("as") &&
        !read_name(import.as.emplace(), "the name that the composition gives the import"))
      return false;
    if (!expect(":", "the name of an import") || !read_import_type(import.type) ||
        !expect(";", "an import"))
      return false;
    document_.statements.emplace_back(std::move(import));
    return true;
  }

  // import-type ::= package-path | func-type | inline-interface | id
  bool read_import_type(ImportType& type) {
    const std::size_t begin = peek().span.begin;
    if (is_word("func")) {
      type.kind = ImportType::Kind::Function;
      if (!skip_function()) return false;
    } else if (is_word("interface")) {
      type.kind = ImportType::Kind::Interface;
      take();
      if (!skip_block("`interface`")) return false;
    } else if (peek().kind == Kind::PackagePath) {
      type.kind = ImportType::Kind::Path;
      if (!read_path(type.path, "a path")) return false;
    } else {
      type.kind = ImportType::Kind::Local;
      if (!read_identifier(type.local,
                           "the path of an interface, `func`, `interface` or the name of a type"))
        return false;
    }
    type.span = {begin, last_end()};
    return true;
  }

  // let-statement ::= 'let' id '=' expr ';'
  bool read_let() {
    take();
    LetStatement let;
    if (!read_identifier(let.id, "a name after `let`") || !expect("=", "the name") ||
        !read_expr(let.value) || !expect(";", "an expression"))
      return false;
    document_.statements.emplace_back(std::move(let));
    return true;
  }

  // export-statement ::= 'export' expr ('...' | 'as' (id | string))? ';'
  bool read_export() {
    take();
    ExportStatement exported;
    if (!read_expr(exported.value)) return false;
    if (accept("...")) {
      exported.is_spread = true;
    } else if (accept_word("as") &&
               !read_name(exported.as.emplace(), "the name of the export after `as`")) {
      return false;
    }
    if (!expect(";", "an export")) return false;
    document_.statements.emplace_back(std::move(exported));
    return true;
  }

  bool read_declaration() {
    TypeStatement declared;
    declared.span.begin = peek().span.begin;
    const bool is_gated = skip_gates();
    if (is_gated && !is_word("interface") && !is_word("world"))
      return fail("an interface or a world after its gate",
                  "types in interfaces and worlds can have gates, those of the file cannot");
    const std::string_view word = take().text;
    if (word == "interface") declared.kind = TypeStatement::Kind::Interface;
    if (word == "world") declared.kind = TypeStatement::Kind::World;
    if (!read_identifier(declared.id, fmt::format("a name after `{}`", word))) return false;
    if (word != "type") {
      if (!skip_block("the name")) return false;
    } else {
      if (!expect("=", "the name of a type")) return false;
      declared.function = read_function_type();
      if (declared.function != Span{}) functions_[declared.id.text] = declared.function;
      while (peek().kind != Kind::End && !is_sign(";")) note_path(take());
      if (!expect(";", "a type")) return false;
    }
    declared.span.end = last_end();
    document_.statements.emplace_back(std::move(declared));
    return true;
  }

  // -- WIT: only its extent, and the packages that it uses

  void note_path(const Token& token) {
    if (token.kind != Kind::PackagePath) return;
    const std::size_t before = at_;
    at_ = static_cast<std::size_t>(&token - tokens_.data());
    Use use;
    if (read_package_name(use.path.package, &use.path.item)) {
      if (is_sign(".") && is_sign("{", 1)) note_types(use.types);
      document_.used.push_back(std::move(use));
    }
    at_ = before;
  }

  // The types in `.{a, b as c}`, without the names that they get.
  void note_types(std::vector<Name>& types) {
    take();
    do {
      take();
      Name name;
      if (is_identifier() && read_identifier(name, {})) types.push_back(std::move(name));
      while (!is_sign(",") && !is_sign("{") && !is_sign("}") && peek().kind != Kind::End) take();
    } while (is_sign(","));
  }

  // gates ::= ('@' id '(' .. ')')*. False if there are none.
  bool skip_gates() {
    const std::size_t begin = at_;
    while (is_sign("@")) {
      while (peek().kind != Kind::End && !is_sign(")")) take();
      accept(")");
    }
    return at_ != begin;
  }

  // The `func(..) -> ..` of a type declaration, or the one that the name of such a type stands for.
  // Empty: it is another type. The current token is the one after `=`.
  Span read_function_type() {
    if (!is_word("func")) {
      const auto known = functions_.find(name_here());
      return known != functions_.end() && is_sign(";", 1) ? known->second : Span{};
    }
    const std::size_t begin = peek().span.begin;
    while (peek().kind != Kind::End && !is_sign(";")) note_path(take());
    return {begin, last_end()};
  }

  // The identifier at the current token without its `%`; empty: it is none.
  [[nodiscard]] std::string name_here() const {
    if (peek().kind != Kind::Identifier) return {};
    return std::string(peek().text.substr(peek().text.starts_with('%') ? 1 : 0));
  }

  // Types of functions that are declared in the block are known in it.
  bool skip_block(std::string_view after) {
    const Span open = peek().span;
    if (!expect("{", after)) return false;
    const std::size_t outer = shadowed_.size();
    // For each open brace, whether a `;` can follow the closing one. It can after an inline interface,
    // and after the `with { .. }` of an `include`.
    std::vector<bool> takes_sign{false};
    while (!takes_sign.empty()) {
      if (peek().kind == Kind::End) return fail_at(open, "this `{` is never closed");
      const bool is_gated = skip_gates();
      if (is_word("type") && is_sign("=", 2)) {
        if (!skip_type(is_gated)) return false;
      } else if (is_sign(":") && is_sign(";", 2)) {
        take();
        const auto known = functions_.find(name_here());
        if (known != functions_.end() && known->second != Span{})
          document_.edits.push_back({.at = peek().span, .by = known->second});
      } else if (is_sign("{")) {
        takes_sign.push_back(
            at_ > 0 && (tokens_[at_ - 1].text == "interface" || tokens_[at_ - 1].text == "with"));
        take();
      } else if (accept("}")) {
        if (takes_sign.back() && is_sign(";")) document_.edits.push_back({.at = take().span});
        takes_sign.pop_back();
      } else {
        note_path(take());
      }
    }
    for (; shadowed_.size() > outer; shadowed_.pop_back()) {
      auto& [name, function] = shadowed_.back();
      functions_[name] = function;
    }
    return true;
  }

  // WIT writes `result` for `result<_>`.
  void edit_results() {
    for (std::size_t i = 0; i + 3 < tokens_.size(); ++i)
      if (tokens_[i].text == "result" && tokens_[i + 1].text == "<" && tokens_[i + 2].text == "_" &&
          tokens_[i + 3].text == ">")
        document_.edits.push_back({.at = {tokens_[i + 1].span.begin, tokens_[i + 3].span.end}});
  }

  // The reader of WIT accepts types that no component can have: without members, or with two members of
  // one name.
  void check_members() {
    for (std::size_t i = 0; i + 2 < tokens_.size(); ++i)
      for (const MemberKind& kind : kMemberKinds)
        if (tokens_[i].text == kind.word && tokens_[i + 1].kind == Kind::Identifier &&
            tokens_[i + 2].text == "{")
          check_members(i, kind);
  }

  // declaration: the position of the word before the name.
  void check_members(std::size_t declaration, const MemberKind& kind) {
    const Token& name = tokens_[declaration + 1];
    std::map<std::string, Span> members;
    std::size_t depth = 0;
    bool is_first = true;  // token of a member
    for (std::size_t i = declaration + 3; tokens_[i].kind != Kind::End; ++i) {
      const Token& token = tokens_[i];
      // No member contains a `{`.
      if ((depth == 0 && token.text == "}") || token.text == "{") break;
      if (token.text == "(" || token.text == "<") ++depth;
      if ((token.text == ")" || token.text == ">") && depth > 0) --depth;
      if (is_first && token.kind == Kind::Identifier) add_member(token, kind.member, members);
      is_first = depth == 0 && token.text == ",";
    }
    if (members.empty())
      fail_at(name.span, fmt::format("{} has no {}", quote_text(name.text), kind.member),
              std::string(kind.rule));
    if (kind.word == "flags" && members.size() > limits::kFlags)
      fail_at(name.span,
              fmt::format("{} has {} flags, more than {}", quote_text(name.text), members.size(),
                          limits::kFlags),
              "divide it into several types");
  }

  void add_member(const Token& token, std::string_view member,
                  std::map<std::string, Span>& members) {
    std::string key(token.text.substr(token.text.starts_with('%') ? 1 : 0));
    // Labels that differ only in case exclude each other.
    std::ranges::transform(key, key.begin(), [](char c) {
      return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    if (!members.emplace(std::move(key), token.span).second)
      fail_at(token.span, fmt::format("duplicate {} {}", member, quote_text(token.text)),
              fmt::format("rename one {} or remove it: no two can have the same name", member));
  }

  // A `type` inside of a block.
  bool skip_type(bool is_gated) {
    const std::size_t begin = take().span.begin;
    const Span name_span = peek().span;
    const std::string name = name_here();
    take();
    take();
    const Span function = read_function_type();
    while (peek().kind != Kind::End && !is_sign(";")) note_path(take());
    accept(";");
    if (function == Span{}) return true;
    if (is_gated)
      return fail_at(name_span,
                     fmt::format("`{}` is the type of a function, which has no gate", name),
                     "move the attribute to the functions that have this type");
    Span& known = functions_[name];
    shadowed_.emplace_back(name, known);
    known = function;
    document_.edits.push_back({.at = {begin, last_end()}});
    return true;
  }

  // The `func(..) -> ..` of an import, up to its `;`.
  bool skip_function() {
    take();
    if (!is_sign("(")) return fail("`(` after `func`");
    while (peek().kind != Kind::End && !is_sign(";")) note_path(take());
    return true;
  }

  // -- Expressions

  // expr ::= (new-expr | '(' expr ')' | id) ('.' id | '[' string ']')*
  bool read_expr(Expr& expr) {
    if (depth_ >= limits::kNestingDepth)
      return fail_at(peek().span,
                     fmt::format("expressions nest deeper than {}", limits::kNestingDepth));
    ++depth_;
    const bool is_read = read_primary(expr) && read_accesses(expr);
    --depth_;
    return is_read;
  }

  bool read_primary(Expr& expr) {
    const std::size_t begin = peek().span.begin;
    if (is_word("new")) {
      if (!read_new(expr)) return false;
    } else if (accept("(")) {
      if (!read_expr(expr) || !expect(")", "an expression")) return false;
    } else if (!read_identifier(expr.local, "an expression: a name, `new` or `(`")) {
      return false;
    }
    expr.span = {begin, last_end()};
    return true;
  }

  bool read_accesses(Expr& expr) {
    while (true) {
      if (accept(".")) {
        if (!read_identifier(expr.accesses.emplace_back(), "the name of an export after `.`"))
          return false;
      } else if (accept("[")) {
        if (!read_string(expr.accesses.emplace_back(), "the name of an export in quotes") ||
            !expect("]", "the name of an export"))
          return false;
      } else {
        return true;
      }
      expr.span.end = last_end();
    }
  }

  // new-expr ::= 'new' package-name '{' instantiation-args '}'
  bool read_new(Expr& created) {
    take();
    created.is_new = true;
    if (peek().kind != Kind::PackageName)
      return fail("the name of a package after `new`, such as `demo:tax`");
    if (!read_package_name(created.package, nullptr)) return false;
    if (!expect("{", "the name of the package")) return false;
    while (!accept("}")) {
      if (!read_argument(created.arguments.emplace_back())) return false;
      if (!is_sign("}") && !expect(",", "an argument")) return false;
    }
    return true;
  }

  bool read_argument(Argument& argument) {
    const std::size_t begin = peek().span.begin;
    if (accept("...")) {
      argument.kind = Argument::Kind::Fill;
      if (!is_sign(",") && !is_sign("}")) {
        argument.kind = Argument::Kind::Spread;
        if (!read_identifier(argument.name, "the name of an instance after `...`")) return false;
      }
    } else if (peek().kind == Kind::String || is_sign(":", 1)) {
      argument.kind = Argument::Kind::Named;
      if (!read_name(argument.name, "the name of an argument") ||
          !expect(":", "the name of an argument") || !read_expr(argument.value))
        return false;
    } else if (!read_identifier(argument.name, "the name of an argument, or `...`")) {
      return false;
    }
    argument.span = {begin, last_end()};
    return true;
  }

  std::string_view text_;
  std::vector<TextProblem> problems_;
  std::vector<Token> tokens_;
  std::size_t at_ = 0;
  std::uint32_t depth_ = 0;
  // Types of functions that are declared so far; empty: out of scope. And what they were before the
  // blocks that are open.
  std::map<std::string, Span> functions_;
  std::vector<std::pair<std::string, Span>> shadowed_;
  Document document_;
};

}  // namespace

Result<Document> parse_wac(const std::string& file, std::string_view text) {
  Parser parser(text);
  Document document = parser.run();
  Diagnostics problems;
  for (TextProblem& found : parser.take_problems()) {
    Diagnostic problem = make_diagnostic(Code::WacSyntax, "{}", found.message);
    problem.where.file = file;
    show_place(problem, text, found.begin, found.end);
    problem.hints.push_back(found.hint.empty() ? "`tenon help wac` shows each kind of statement"
                                               : std::move(found.hint));
    problems.push_back(std::move(problem));
  }
  if (!problems.empty()) return problems;
  return document;
}

}  // namespace tenon::wac
