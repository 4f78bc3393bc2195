#include "pact/type_parser.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "support/limits.h"

namespace tenon::pact {

bool TypeParser::read(TypeExpr& type) {
  if (depth_ > limits::kNestingDepth)
    return in_.fail(fmt::format("types nest deeper than {}", limits::kNestingDepth));
  ++depth_;
  const bool is_read = read_type(type);
  --depth_;
  return is_read;
}

bool TypeParser::read_type(TypeExpr& type) {
  const bool is_quoted = in_.peek().kind == Token::Kind::String;
  Name name;
  if (!in_.expect_name(name, "a type")) return false;
  type.span = name.span;
  const TypeKeyword* const word = is_quoted ? nullptr : find_type_keyword(name.text);
  if (word == nullptr) {
    type.kind = TypeKind::Named;
    type.name = std::move(name.text);
  } else {
    type.kind = word->kind;
    type.tag = word->tag;
  }
  if (in_.is_sign('<') && !read_arguments(type)) return false;
  return check_arguments(type);
}

bool TypeParser::read_arguments(TypeExpr& type) {
  in_.take();
  while (!in_.accept('>')) {
    if (!read(type.arguments.emplace_back())) return false;
    if (!in_.is_sign('>') && !in_.expect(',', "a type")) return false;
  }
  return true;
}

bool TypeParser::check_arguments(const TypeExpr& type) {
  std::size_t expected = 0;
  std::string_view form;
  switch (type.kind) {
    case TypeKind::Named:
    case TypeKind::Tuple:
      return true;
    case TypeKind::Plain:
    case TypeKind::Self:
    case TypeKind::Unit:
      form = type_keyword(type);
      break;
    case TypeKind::List:
      expected = 1;
      form = "list<T>";
      break;
    case TypeKind::Option:
      expected = 1;
      form = "option<T>";
      break;
    case TypeKind::Set:
      expected = 1;
      form = "set<T>";
      break;
    case TypeKind::Map:
      expected = 2;
      form = "map<K, V>";
      break;
    case TypeKind::Result:
      expected = 2;
      form = "result<T, E>";
      break;
  }
  if (type.arguments.size() == expected) return true;
  return in_.fail_at(
      type.span,
      fmt::format("`{}` takes {}, found {}", type_keyword(type),
                  expected == 0   ? "no type arguments"
                  : expected == 1 ? "one type argument"
                                  : "two type arguments",
                  type.arguments.size()),
      fmt::format("write `{}`{}", form,
                  type.kind == TypeKind::Result ? ", with `_` for a side without a value" : ""));
}

bool TypeParser::read_signature(FunctionDecl& function, UnitResult unit) {
  in_.accept_word("func");
  return read_params(function) && read_results(function, unit);
}

bool TypeParser::read_params(FunctionDecl& function) {
  if (!in_.expect('(', fmt::format("the function {}", quote_text(function.name.text))))
    return false;
  while (!in_.accept(')')) {
    Parameter& param = function.params.emplace_back();
    if (!in_.expect_name(param.name, "the name of a parameter") ||
        !in_.expect(':', fmt::format("the parameter {}", quote_text(param.name.text))) ||
        !read(param.type))
      return false;
    if (!in_.is_sign(')') && !in_.expect(',', "a parameter")) return false;
  }
  return true;
}

bool TypeParser::read_results(FunctionDecl& function, UnitResult unit) {
  if (!in_.accept('-')) return true;
  if (!in_.expect('>', "`-`")) return false;
  if (!in_.accept('(')) {
    if (!read(function.results.emplace_back())) return false;
    if (function.results[0].kind == TypeKind::Unit && unit == UnitResult::None)
      function.results.clear();
    return true;
  }
  while (!in_.accept(')')) {
    if (!read(function.results.emplace_back())) return false;
    if (!in_.is_sign(')') && !in_.expect(',', "a result")) return false;
  }
  return true;
}

bool TypeParser::read_definition_name(Name& name) {
  const bool is_quoted = in_.peek().kind == Token::Kind::String;
  if (!in_.expect_name(name, "the name of a type")) return false;
  if (is_quoted || find_type_keyword(name.text) == nullptr) return true;
  return in_.fail_at(name.span,
                     fmt::format("`{}` is a keyword and cannot be the name of a type", name.text));
}

std::optional<Definition::Kind> TypeParser::find_definition_kind() const {
  constexpr std::array<std::pair<std::string_view, Definition::Kind>, 5> kWords = {
      {{"type", Definition::Kind::Alias},
       {"record", Definition::Kind::Record},
       {"variant", Definition::Kind::Variant},
       {"enum", Definition::Kind::Enum},
       {"flags", Definition::Kind::Flags}}};
  for (const auto& [word, kind] : kWords)
    if (in_.is_word(word)) return kind;
  return std::nullopt;
}

bool TypeParser::read_definition(std::vector<Definition>& definitions,
                                 std::vector<Name>& annotations) {
  Definition definition;
  definition.annotations = std::exchange(annotations, {});
  definition.kind = *find_definition_kind();
  in_.take();
  if (!read_definition_name(definition.name)) return false;
  if (in_.is_sign('<') && !read_names('<', '>', definition.parameters)) return false;
  const std::string after = quote_text(definition.name.text);
  if (definition.kind == Definition::Kind::Alias) {
    if (!in_.expect('=', after) || !read(definition.target)) return false;
  } else if (!in_.expect('{', after) || !read_members(definition)) {
    return false;
  }
  definitions.push_back(std::move(definition));
  return true;
}

bool TypeParser::read_members(Definition& definition) {
  while (!in_.accept('}')) {
    Member member;
    if (!in_.expect_name(member.name, "a name or `}`")) return false;
    const std::string after = quote_text(member.name.text);
    if (definition.kind == Definition::Kind::Record) {
      if (!in_.expect(':', after) || !read(member.types.emplace_back())) return false;
    } else if (definition.kind == Definition::Kind::Variant && in_.accept('(')) {
      if (!read(member.types.emplace_back())) return false;
      if (in_.is_sign(','))
        return in_.fail("a case carries one type", "combine several in a `tuple<..>`");
      if (!in_.expect(')', "the type of a case")) return false;
    }
    definition.members.push_back(std::move(member));
    if (!in_.accept(',')) in_.accept(';');
  }
  return true;
}

bool TypeParser::read_path(Name& path, std::string_view what) {
  const bool is_quoted = in_.peek().kind == Token::Kind::String;
  if (!in_.expect_name(path, what)) return false;
  while (!is_quoted && (in_.is_sign(':') || in_.is_sign('/'))) {
    if (!read_path_step(path)) return false;
  }
  return refuse_version();
}

bool TypeParser::read_path_step(Name& path) {
  const char separator = in_.take().text[0];
  const Token& token = in_.peek();
  if (token.kind != Token::Kind::Identifier)
    return in_.fail(
        fmt::format("expected a name after `{}`, found {}", separator, in_.describe_here()));
  path.text += separator + token.text;
  path.span.end = token.span.end;
  in_.take();
  return true;
}

bool TypeParser::refuse_version() {
  if (!in_.is_sign('@') || in_.peek(1).kind != Token::Kind::Number) return true;
  in_.take();
  return in_.fail("names in packr's languages have no version");
}

bool TypeParser::read_names(char open, char close, std::vector<Name>& names) {
  in_.accept(open);
  while (!in_.accept(close)) {
    Name name;
    if (!read_path(name, "a name")) return false;
    names.push_back(std::move(name));
    if (!in_.is_sign(close) && !in_.expect(',', "a name")) return false;
  }
  return true;
}

bool TypeParser::read_meta_value(MetaValue& value, std::uint32_t depth) {
  using MetaKind = MetaValue::Kind;
  if (depth > limits::kNestingDepth)
    return in_.fail(fmt::format("values nest deeper than {}", limits::kNestingDepth));
  const Token& here = in_.peek();
  if (in_.accept('{')) {
    value.kind = MetaKind::Record;
    while (!in_.accept('}')) {
      Name name;
      if (!in_.expect_name(name, "the name of a field")) return false;
      value.fields.emplace_back(name.text, MetaValue());
      if (!in_.expect(':', "the name of a field") ||
          !read_meta_value(value.fields.back().second, depth + 1))
        return false;
      in_.accept(',');
    }
    return true;
  }
  value.text = here.text;
  if (here.kind == Token::Kind::String)
    value.kind = MetaKind::String;
  else if (here.kind == Token::Kind::Number)
    value.kind = MetaKind::Number;
  else if (in_.is_word("true") || in_.is_word("false"))
    value.kind = MetaKind::Bool;
  else
    return in_.fail(fmt::format("expected a string, a number, `true`, `false` or `{{`, found {}",
                                in_.describe_here()));
  in_.take();
  return true;
}

}  // namespace tenon::pact
