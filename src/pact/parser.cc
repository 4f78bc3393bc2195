// A recursive-descent parser with one token of lookahead, or three where a keyword can also be a
// name: keywords are not reserved in packr's languages. A function that fails has recorded the
// problem in the token stream; the nearest enclosing block then skips to the next item and goes on.
#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "pact/gates.h"
#include "pact/lexer.h"
#include "pact/text.h"
#include "pact/type_parser.h"
#include "support/diagnostics.h"
#include "support/limits.h"
#include "support/names.h"
#include "support/utf8.h"

namespace tenon::pact {

namespace {

// Keywords of WIT without a counterpart in packr's languages.
constexpr std::array<std::string_view, 3> kForeignWords = {"resource", "include", "stream"};

enum class Quoted : std::uint8_t { No, Yes };

class PactParser {
 public:
  PactParser(std::string_view text, const WitFeatures& enabled)
      : text_(text), in_(text), types_(in_), gates_(in_, enabled) {}

  Scope parse() {
    Scope file;
    read_body(file);
    return file;
  }

  // value-type ::= (definition ';'?)* type?
  Scope parse_value_type() {
    Scope file;
    std::vector<Name> annotations;
    while (at_definition()) {
      if (!types_.read_definition(file.definitions, annotations)) return file;
      in_.accept(';');
    }
    TypeExpr type;
    if (!in_.at_end() || file.definitions.empty()) {
      if (!read_last_type(type)) return file;
    } else {
      const Name& last = file.definitions.back().name;
      type = {TypeKind::Named, {}, last.text, {}, last.span};
    }
    FunctionDecl& function = file.functions.emplace_back();
    function.name.text = "value";
    function.params.push_back({function.name, std::move(type)});
    return file;
  }

  [[nodiscard]] const std::vector<TextProblem>& problems() { return in_.problems(); }
  [[nodiscard]] Gates take_gates() { return std::move(gates_.gates); }

 private:
  // Calls `read_one` until the brace that closes the block, or until the end of the file. After a
  // failure, skips to the next item.
  template <class ReadOne>
  void read_each(ReadOne&& read_one) {
    const std::size_t depth = in_.depth();
    while (!in_.at_end() && !(in_.is_sign('}') && in_.depth() == depth && depth > 0)) {
      if (in_.problems().size() >= kMaxProblems) return in_.give_up();
      if (in_.accept(';')) continue;
      const std::size_t begin = in_.position();
      if (!read_one()) in_.skip_to_item(depth);
      if (in_.position() == begin) in_.take();
    }
  }

  // Like read_each, for a block whose items can have gates.
  // read_one: bool(Scope&). It reads an item into the scope.
  template <class ReadOne>
  void read_items(Scope& scope, ReadOne&& read_one) {
    ItemGate gate;
    read_each([&] {
      if (gates_.at_gate()) return gates_.read(gate);
      // Annotations are between gates and item.
      if (in_.is_sign('@') && !in_.is_sign(':', 2)) return read_one(scope);
      const ItemGate own = std::exchange(gate, {});
      if (own.span && in_.is_sign('@')) return gates_.refuse(own);
      return own.closed.empty() ? read_one(scope) : leave_out(scope, own.closed, read_one);
    });
    if (gate.span) gates_.refuse(gate);
  }

  // Reads an item and drops it.
  template <class ReadOne>
  bool leave_out(const Scope& scope, const std::string& feature, ReadOne&& read_one) {
    const std::size_t known = gates_.gates.left_out.size();
    const TextSpan span = in_.peek().span;
    Scope dropped;
    dropped.kind = scope.kind;
    if (!read_one(dropped)) return false;
    gates_.gates.left_out.resize(known);  // without what is left out inside of it
    Diagnostic at;
    show_place(at, text_, span.begin, span.end);
    for (const std::string_view name : item_names(dropped))
      gates_.gates.left_out.push_back({path_ + std::string(name), feature, at.where});
    return true;
  }

  void read_body(Scope& scope) {
    std::vector<Name> annotations;
    read_items(scope, [&](Scope& into) {
      if (in_.is_sign('@')) return read_at(into, annotations);
      const bool is_definition = at_definition();
      if (!annotations.empty() && !is_definition) {
        const TextSpan span = annotations[0].span;
        annotations.clear();
        return in_.fail_at(span, "expected a definition after the annotation");
      }
      return is_definition ? read_definition_or_parameter(into, annotations)
                           : read_declaration(into);
    });
    if (!annotations.empty())
      in_.fail_at(annotations[0].span, "expected a definition after the annotation");
  }

  [[nodiscard]] bool at_definition() const {
    return types_.find_definition_kind() && in_.is_name(1);
  }

  bool read_last_type(TypeExpr& type) {
    if (types_.find_definition_kind() && in_.is_sign('{', 1)) {
      const std::string word = in_.take().text;
      return in_.fail(fmt::format("expected a name after `{}`, found `{{`", word),
                      fmt::format("name the type: `{} name {{ .. }}`", word));
    }
    if (!types_.read(type)) return false;
    return in_.at_end() ||
           in_.fail(fmt::format("expected the end of the type, found {}", in_.describe_here()));
  }

  bool read_declaration(Scope& scope) {
    if (in_.is_name() && in_.is_sign(':', 1)) return read_named_function(scope);
    if (in_.is_word("interface") && in_.is_name(1)) return read_interface(scope);
    if (in_.is_word("world") && in_.is_name(1)) return read_scope(scope, Scope::Kind::World);
    if (in_.is_word("imports") && in_.is_sign('{', 1)) return read_item_block(scope, scope.imports);
    if (in_.is_word("exports") && in_.is_sign('{', 1)) return read_item_block(scope, scope.exports);
    if (in_.is_word("use")) return read_use(scope);
    if (in_.accept_word("import")) return read_item(scope, scope.imports);
    if (in_.accept_word("export")) return read_item(scope, scope.exports);
    if (in_.is_word("package") && scope.kind == Scope::Kind::File) return read_package(scope);
    if (in_.is_word("func") && in_.is_name(1)) return read_wit_function(scope);
    return refuse_declaration();
  }

  bool refuse_declaration() {
    std::string hint;
    const Token& here = in_.peek();
    if (std::ranges::find(kForeignWords, here.text) != kForeignWords.end()) {
      hint = fmt::format("packr's languages have no `{}`", here.text);
    } else if (here.kind == Token::Kind::Identifier) {
      constexpr std::array<std::string_view, 9> kWords = {
          "record", "variant", "enum", "flags", "type", "use", "imports", "exports", "interface"};
      hint = did_you_mean(near_misses(here.text, kWords));
    }
    return in_.fail(
        fmt::format("expected a definition, a function or a block, found {}", in_.describe_here()),
        std::move(hint));
  }

  // A meta or an annotation: both begin with `@`.
  bool read_at(Scope& scope, std::vector<Name>& annotations) {
    in_.take();
    Name name;
    if (!in_.expect_name(name, "a name after `@`")) return false;
    if (in_.is_sign(':')) return read_meta(scope, std::move(name));
    constexpr std::array<std::string_view, 2> kKnown = {"forward-compatible", "default"};
    if (std::ranges::find(kKnown, name.text) == kKnown.end())
      return in_.fail_at(name.span, fmt::format("unknown annotation {}", quote_text(name.text)),
                         "known annotations: `@forward-compatible`, `@default`");
    annotations.push_back(std::move(name));
    return true;
  }

  bool read_meta(Scope& scope, Name name) {
    Meta meta{std::move(name), {}, {}};
    in_.take();
    if (!types_.read(meta.type) || !in_.expect('=', "the type of a meta") ||
        !types_.read_meta_value(meta.value, 0))
      return false;
    scope.metas.push_back(std::move(meta));
    return true;
  }

  bool read_package(Scope& file) {
    const TextSpan span = in_.take().span;
    Name name;
    if (!types_.read_path(name, "the name of a package")) return false;
    if (!file.package.text.empty())
      return in_.fail_at(span, "duplicate `package`: a text has at most one");
    file.package = std::move(name);
    return true;
  }

  bool read_use(Scope& scope) {
    in_.take();
    Use use;
    if (in_.peek().kind == Token::Kind::String) use.kind = Use::Kind::File;
    if (!types_.read_path(use.from, "an interface, a transform or a file")) return false;
    if (in_.is_sign('(')) {
      use.kind = Use::Kind::Transform;
      if (!types_.read_names('(', ')', use.arguments)) return false;
    }
    if (in_.accept('.')) {
      if (!in_.is_sign('{')) return in_.expect('{', "`.`");
      if (!types_.read_names('{', '}', use.items)) return false;
    }
    if (use.kind == Use::Kind::File && use.items.empty())
      return in_.fail_at(use.from.span, "expected the names to use from the file",
                         fmt::format("list them: `use {}.{{name}};`", quote_string(use.from.text)));
    scope.uses.push_back(std::move(use));
    return true;
  }

  bool read_interface(Scope& scope) {
    if (!in_.is_sign('=', 2)) return read_scope(scope, Scope::Kind::Interface);
    in_.take();
    DerivedInterface derived;
    if (!in_.expect_name(derived.name, "the name of an interface")) return false;
    in_.take();
    if (!in_.expect_name(derived.transform, "a transform")) return false;
    if (!in_.is_sign('(')) return in_.expect('(', "a transform");
    if (!types_.read_names('(', ')', derived.arguments)) return false;
    scope.derived.push_back(std::move(derived));
    return true;
  }

  bool read_scope(Scope& scope, Scope::Kind kind) {
    const TextSpan span = in_.take().span;
    Scope inner;
    inner.kind = kind;
    if (!in_.expect_name(inner.name, "the name of an interface") ||
        !in_.expect('{', "the name of an interface"))
      return false;
    if (scopes_ >= limits::kNestingDepth)
      return in_.fail_at(span,
                         fmt::format("interfaces nest deeper than {}", limits::kNestingDepth));
    ++scopes_;
    const std::size_t outer = path_.size();
    path_ += inner.name.text + ".";
    read_body(inner);
    path_.resize(outer);
    --scopes_;
    const bool is_closed = in_.expect('}', "the items of an interface");
    scope.scopes.push_back(std::move(inner));
    return is_closed;
  }

  // `type s;` and `type s: c;` are parameters of the interface.
  bool read_definition_or_parameter(Scope& scope, std::vector<Name>& annotations) {
    const bool is_parameter = in_.is_word("type") && !in_.is_sign('=', 2) && !in_.is_sign('<', 2);
    if (!is_parameter) return types_.read_definition(scope.definitions, annotations);
    annotations.clear();
    in_.take();
    TypeParameter parameter;
    if (!types_.read_definition_name(parameter.name)) return false;
    if (in_.accept(':')) {
      Name constraint;
      if (!in_.expect_name(constraint, "a constraint")) return false;
      parameter.constraint = constraint.text;
    }
    scope.parameters.push_back(std::move(parameter));
    return true;
  }

  bool read_named_function(Scope& scope) {
    FunctionDecl function;
    if (!in_.expect_name(function.name, "the name of a function")) return false;
    in_.take();
    if (!types_.read_signature(function, UnitResult::None)) return false;
    scope.functions.push_back(std::move(function));
    in_.accept(',');
    return true;
  }

  // `func name(..)`, an alternative form in WIT+.
  bool read_wit_function(Scope& scope) {
    in_.take();
    FunctionDecl function;
    if (!in_.expect_name(function.name, "the name of a function") ||
        !types_.read_signature(function, UnitResult::None))
      return false;
    scope.functions.push_back(std::move(function));
    return true;
  }

  bool read_item_block(Scope& scope, std::vector<Item>& items) {
    in_.take();
    in_.take();
    const bool is_export = &items == &scope.exports;
    std::vector<Name> annotations;
    read_items(scope, [&](Scope& into) {
      if (at_definition()) return types_.read_definition(into.definitions, annotations);
      return read_item(into, is_export ? into.exports : into.imports);
    });
    return in_.expect('}', "the imports or exports");
  }

  // An import or export, in one of the forms of Item::Kind.
  bool read_item(Scope& scope, std::vector<Item>& items) {
    const bool is_export = &items == &scope.exports;
    const UnitResult unit =
        is_export && scope.kind == Scope::Kind::Interface ? UnitResult::Unit : UnitResult::None;
    Item item;
    const bool is_quoted = in_.peek().kind == Token::Kind::String;
    if (!in_.expect_name(item.path, "a name")) return false;
    while (!is_quoted && (in_.is_sign('/') || (in_.is_sign(':') && !at_colon_of_item(is_export)))) {
      if (!types_.read_path_step(item.path)) return false;
    }
    if (!types_.refuse_version()) return false;
    if (in_.accept('.')) {
      item.kind = Item::Kind::Member;
      if (!in_.expect_name(item.name, "the name of a function")) return false;
    }
    if (in_.is_sign('{') && item.kind != Item::Kind::Member) {
      if (!read_group(item)) return false;
    } else if (in_.accept(':')) {
      if (!read_declared(item, unit, is_quoted ? Quoted::Yes : Quoted::No)) return false;
    }
    items.push_back(std::move(item));
    if (!in_.accept(',')) in_.accept(';');
    return true;
  }

  // True if the colon here ends the path, because a function follows it, or, in exports, a type.
  // `a:b` is a path in imports and an alias in exports.
  [[nodiscard]] bool at_colon_of_item(bool is_export) const {
    if (in_.is_sign('(', 1) || (in_.is_word("func", 1) && in_.is_sign('(', 2))) return true;
    if (!is_export || !in_.is_name(1)) return is_export;
    return !in_.is_sign('/', 2) && !in_.is_sign(':', 2) && !in_.is_sign('{', 2) &&
           !in_.is_sign('.', 2);
  }

  // The part after `name:`: a signature, or the type of an alias.
  bool read_declared(Item& item, UnitResult unit, Quoted quoted) {
    const bool is_member = item.kind == Item::Kind::Member;
    if (!is_member && item.path.text.find_first_of(":/") != std::string::npos &&
        quoted == Quoted::No)
      return in_.fail_at(
          item.path.span,
          fmt::format("expected a name, found the interface {}", quote_text(item.path.text)),
          fmt::format("for one of its functions, write `{}.name: func(..)`", item.path.text));
    Name name = is_member ? std::move(item.name) : std::exchange(item.path, {});
    item.name = {};
    if (!in_.is_sign('(') && !(in_.is_word("func") && in_.is_sign('(', 1))) {
      if (is_member) return in_.fail("expected a function after `:`");
      item.kind = Item::Kind::Alias;
      item.name = std::move(name);
      return types_.read(item.type);
    }
    item.kind = Item::Kind::Function;
    item.function.name = std::move(name);
    return types_.read_signature(item.function, unit);
  }

  bool read_group(Item& item) {
    item.kind = Item::Kind::Group;
    in_.take();
    std::vector<Name> annotations;
    Scope group;
    group.kind = Scope::Kind::World;
    const std::size_t outer = path_.size();
    path_ += item.path.text + ".";
    read_items(group, [&](Scope& into) {
      if (at_definition()) return types_.read_definition(into.definitions, annotations);
      if (in_.is_word("func") && in_.is_name(1)) return read_wit_function(into);
      if (in_.is_name() && in_.is_sign(':', 1)) return read_named_function(into);
      return in_.fail(
          fmt::format("expected a definition or a function, found {}", in_.describe_here()));
    });
    path_.resize(outer);
    item.definitions = std::move(group.definitions);
    item.functions = std::move(group.functions);
    return in_.expect('}', "the functions of an interface");
  }

  std::string_view text_;
  TokenStream in_;
  TypeParser types_;
  std::uint32_t scopes_ = 0;  // open interfaces and worlds
  std::string path_;          // of these: "clock."
  GateReader gates_;
};

constexpr const char* kGeneralHint =
    "examples: `record p { x: s32 }`, `f: func(p: p) -> s32;`; see `tenon explain pack-syntax`";

constexpr const char* kValueTypeHint =
    "examples: `list<u8>`, `record p { x: s32 }`, `record p { x: s32 } option<p>`";

// hint: for problems that have none.
Diagnostics place_problems(const std::vector<TextProblem>& problems, std::string_view text,
                           const char* hint) {
  Diagnostics placed;
  for (const TextProblem& problem : problems) {
    Diagnostic diagnostic = make_diagnostic(Code::PackSyntax, "{}", problem.message);
    show_place(diagnostic, text, problem.begin, problem.end);
    diagnostic.hints.push_back(problem.hint.empty() ? hint : problem.hint);
    placed.push_back(std::move(diagnostic));
  }
  return placed;
}

// parse: Scope(PactParser&).
template <class Parse>
Result<Scope> parse_text(std::string_view text, const WitFeatures& enabled, const char* hint,
                         Parse&& parse) {
  if (text.size() > kMaxTextBytes)
    return make_diagnostic(Code::PackSyntax, "the text is larger than {} bytes", kMaxTextBytes);
  if (const auto bad = find_bad_utf8(text)) {
    Diagnostic problem = make_diagnostic(Code::PackSyntax, "the text is not UTF-8");
    show_place(problem, text, *bad, *bad + 1);
    return problem;
  }
  PactParser parser(text, enabled);
  Scope file = parse(parser);
  std::vector<TextProblem> problems = parser.problems();
  if (problems.empty()) return file;
  std::ranges::stable_sort(problems, {}, &TextProblem::begin);
  if (problems.size() > kMaxProblems) problems.resize(kMaxProblems);
  return place_problems(problems, text, hint);
}

}  // namespace

Result<Scope> parse_pact(std::string_view text, const WitFeatures& enabled, Gates* gates) {
  return parse_text(text, enabled, kGeneralHint, [&](PactParser& parser) {
    Scope file = parser.parse();
    if (gates != nullptr) *gates = parser.take_gates();
    return file;
  });
}

Result<Scope> parse_value_type(std::string_view text) {
  return parse_text(text, {}, kValueTypeHint,
                    [](PactParser& parser) { return parser.parse_value_type(); });
}

}  // namespace tenon::pact
