#include "pact/parser.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <utility>

#include "pact/tokens.h"
#include "pact/type_parser.h"
#include "support/diagnostics.h"
#include "support/limits.h"
#include "support/near_miss.h"
#include "support/utf8.h"

namespace tenon::pact {

namespace {

// Of WIT, and of nothing here.
constexpr std::array<std::string_view, 3> kForeignWords = {"resource", "include", "stream"};

enum class Quoted : std::uint8_t { No, Yes };

class PactParser {
 public:
  explicit PactParser(std::string_view text) : in_(text), types_(in_) {}

  Scope parse() {
    Scope file;
    read_body(file);
    return file;
  }

  [[nodiscard]] const std::vector<TextProblem>& problems() { return in_.problems(); }

 private:
  // Reads items up to the brace that closes the block, or to the end of a file.
  template <class ReadItem>
  void read_items(ReadItem&& read_item) {
    const std::size_t depth = in_.depth();
    while (!in_.at_end() && !(in_.is_sign('}') && in_.depth() == depth && depth > 0)) {
      if (in_.problems().size() >= kMaxProblems) return in_.give_up();
      if (in_.accept(';')) continue;
      const std::size_t begin = in_.position();
      if (!read_item()) in_.skip_to_item(depth);
      if (in_.position() == begin) in_.take();
    }
  }

  void read_body(Scope& scope) {
    std::vector<Name> annotations;
    read_items([&] {
      if (in_.is_sign('@')) return read_at(scope, annotations);
      const bool is_definition = at_definition();
      if (!annotations.empty() && !is_definition) {
        const TextSpan place = annotations[0].place;
        annotations.clear();
        return in_.fail_at(place, "an annotation stands before a definition");
      }
      return is_definition ? read_definition_or_parameter(scope, annotations) : read_item(scope);
    });
    if (!annotations.empty())
      in_.fail_at(annotations[0].place, "an annotation stands before a definition");
  }

  [[nodiscard]] bool at_definition() const {
    return types_.find_definition_kind() && in_.is_name(1);
  }

  bool read_item(Scope& scope) {
    if (in_.is_name() && in_.is_sign(':', 1)) return read_named_function(scope);
    if (in_.is_word("interface") && in_.is_name(1)) return read_interface(scope);
    if (in_.is_word("world") && in_.is_name(1)) return read_scope(scope, Scope::Kind::World);
    if (in_.is_word("imports") && in_.is_sign('{', 1))
      return read_items_block(scope, scope.imports);
    if (in_.is_word("exports") && in_.is_sign('{', 1))
      return read_items_block(scope, scope.exports);
    if (in_.is_word("use")) return read_use(scope);
    if (in_.accept_word("import")) return read_port(scope, scope.imports);
    if (in_.accept_word("export")) return read_port(scope, scope.exports);
    if (in_.is_word("package") && scope.kind == Scope::Kind::File) return read_package(scope);
    if (in_.is_word("func") && in_.is_name(1)) return read_led_function(scope);
    return refuse_item();
  }

  bool refuse_item() {
    std::string hint;
    const Token& here = in_.peek();
    if (std::ranges::find(kForeignWords, here.text) != kForeignWords.end()) {
      hint = fmt::format("packr's languages have no `{}`", here.text);
    } else if (here.kind == Token::Kind::Identifier) {
      constexpr std::array<std::string_view, 9> kWords = {
          "record", "variant", "enum", "flags", "type", "use", "imports", "exports", "interface"};
      hint = did_you_mean(near_misses(here.text, kWords));
    }
    return in_.fail(fmt::format("a definition, a function or a block is wanted, and {} is here",
                                in_.describe_here()),
                    std::move(hint));
  }

  // A meta or an annotation.
  bool read_at(Scope& scope, std::vector<Name>& annotations) {
    in_.take();
    Name name;
    if (!in_.expect_name(name, "a name after `@`")) return false;
    if (in_.is_sign(':')) return read_meta(scope, std::move(name));
    constexpr std::array<std::string_view, 2> kKnown = {"forward-compatible", "default"};
    if (std::ranges::find(kKnown, name.text) == kKnown.end())
      return in_.fail_at(name.place,
                         fmt::format("there is no annotation {}", quote_text(name.text)),
                         "the annotations are `@forward-compatible` and `@default`");
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
    const TextSpan place = in_.take().place;
    Name name;
    if (!types_.read_path(name, "the name of a package")) return false;
    if (!file.package.text.empty())
      return in_.fail_at(place, "a text has one `package`, and this is the second");
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
      return in_.fail_at(use.from.place, "a file is used for some of its definitions",
                         fmt::format("`use {}.{{name}};` names them", quote_string(use.from.text)));
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
    const TextSpan place = in_.take().place;
    Scope made;
    made.kind = kind;
    if (!in_.expect_name(made.name, "the name of an interface") ||
        !in_.expect('{', "the name of an interface"))
      return false;
    if (scopes_ >= limits::kNestingDepth)
      return in_.fail_at(place,
                         fmt::format("interfaces nest deeper than {}", limits::kNestingDepth));
    ++scopes_;
    read_body(made);
    --scopes_;
    const bool is_closed = in_.expect('}', "the items of an interface");
    scope.scopes.push_back(std::move(made));
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

  // WIT+ also has `func name(..)`.
  bool read_led_function(Scope& scope) {
    in_.take();
    FunctionDecl function;
    if (!in_.expect_name(function.name, "the name of a function") ||
        !types_.read_signature(function, UnitResult::None))
      return false;
    scope.functions.push_back(std::move(function));
    return true;
  }

  bool read_items_block(Scope& scope, std::vector<Item>& items) {
    in_.take();
    in_.take();
    std::vector<Name> annotations;
    read_items([&] {
      if (at_definition()) return types_.read_definition(scope.definitions, annotations);
      return read_port(scope, items);
    });
    return in_.expect('}', "what is imported or exported");
  }

  // What is imported or exported: see Item.
  bool read_port(Scope& scope, std::vector<Item>& items) {
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

  // Whether the colon here ends the path: a function follows, or in exports a type.
  [[nodiscard]] bool at_colon_of_item(bool is_export) const {
    if (in_.is_sign('(', 1) || (in_.is_word("func", 1) && in_.is_sign('(', 2))) return true;
    if (!is_export || !in_.is_name(1)) return is_export;
    return !in_.is_sign('/', 2) && !in_.is_sign(':', 2) && !in_.is_sign('{', 2) &&
           !in_.is_sign('.', 2);
  }

  // What stands after `name:`.
  bool read_declared(Item& item, UnitResult unit, Quoted quoted) {
    const bool is_member = item.kind == Item::Kind::Member;
    if (!is_member && item.path.text.find_first_of(":/") != std::string::npos &&
        quoted == Quoted::No)
      return in_.fail_at(item.path.place,
                         fmt::format("{} is an interface, and no name", quote_text(item.path.text)),
                         fmt::format("a function of it is `{}.name: func(..)`", item.path.text));
    Name name = is_member ? std::move(item.name) : std::exchange(item.path, {});
    item.name = {};
    if (!in_.is_sign('(') && !(in_.is_word("func") && in_.is_sign('(', 1))) {
      if (is_member) return in_.fail("a function is wanted after `:`");
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
    read_items([&] {
      if (at_definition()) return types_.read_definition(item.definitions, annotations);
      if (in_.is_word("func") && in_.is_name(1)) return read_led_function(group);
      if (in_.is_name() && in_.is_sign(':', 1)) return read_named_function(group);
      return in_.fail(
          fmt::format("a definition or a function is wanted, and {} is here", in_.describe_here()));
    });
    item.functions = std::move(group.functions);
    return in_.expect('}', "the functions of an interface");
  }

  TokenStream in_;
  TypeParser types_;
  std::uint32_t scopes_ = 0;
};

constexpr const char* kGeneralHint =
    "types and functions are written as in `record p { x: s32 }`, `f: func(p: p) -> s32;`: "
    "`tenon explain pack-syntax`";

Diagnostics place_problems(const std::vector<TextProblem>& problems, std::string_view text) {
  Diagnostics placed;
  for (const TextProblem& problem : problems) {
    Diagnostic made = make_diagnostic(Code::PackSyntax, "{}", problem.message);
    show_place(made, text, problem.begin, problem.end);
    made.hints.push_back(problem.hint.empty() ? kGeneralHint : problem.hint);
    placed.push_back(std::move(made));
  }
  return placed;
}

}  // namespace

Result<Scope> parse_pact(std::string_view text) {
  if (text.size() > kMaxTextBytes)
    return make_diagnostic(Code::PackSyntax, "the text has more than {} bytes", kMaxTextBytes);
  if (const auto bad = find_bad_utf8(text)) {
    Diagnostic problem = make_diagnostic(Code::PackSyntax, "the text is not UTF-8");
    show_place(problem, text, *bad, *bad + 1);
    return problem;
  }
  PactParser parser(text);
  Scope file = parser.parse();
  std::vector<TextProblem> problems = parser.problems();
  if (problems.empty()) return file;
  std::ranges::stable_sort(problems, {}, &TextProblem::begin);
  if (problems.size() > kMaxProblems) problems.resize(kMaxProblems);
  return place_problems(problems, text);
}

}  // namespace tenon::pact
