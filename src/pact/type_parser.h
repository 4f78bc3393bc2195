// The part of the parser (parser.cc) that reads types.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "pact/lexer.h"
#include "pact/tree.h"

namespace tenon::pact {

// The meaning of `-> _`: no result, or one result of type `_`.
enum class UnitResult : std::uint8_t { None, Unit };

// Reads the parts that all kinds of blocks share: types, definitions, signatures and paths.
// Functions that return bool return false after they have recorded a problem.
class TypeParser final {
 public:
  explicit TypeParser(TokenStream& in) : in_(in) {}

  // type ::= name | keyword | (name | keyword) '<' type,* '>'
  bool read(TypeExpr& type);
  // signature ::= 'func'? '(' (name ':' type),* ')' ('->' (type | '_' | '(' type,* ')'))?
  bool read_signature(FunctionDecl& function, UnitResult unit);
  // A name that is not a keyword, unless it is quoted.
  bool read_definition_name(Name& name);
  // definition ::= 'type' name params? '=' type
  //              | ('record' | 'variant' | 'enum' | 'flags') name params? '{' member* '}'
  // annotations: those read before the definition; empty afterwards.
  // REQUIRES: find_definition_kind()
  bool read_definition(std::vector<Definition>& definitions, std::vector<Name>& annotations);
  // The kind of definition that the current keyword begins, if it begins one.
  [[nodiscard]] std::optional<Definition::Kind> find_definition_kind() const;

  // path ::= id ((':' | '/') id)* | string
  bool read_path(Name& path, std::string_view what);
  // A separator and the name after it.
  bool read_path_step(Name& path);
  // Fails if a version follows: packr's names have none.
  bool refuse_version();
  // Paths with commas between `open` and `close`. The current token is `open`.
  bool read_names(char open, char close, std::vector<Name>& names);
  bool read_meta_value(MetaValue& value, std::uint32_t depth);

 private:
  bool read_type(TypeExpr& type);
  bool read_arguments(TypeExpr& type);
  bool check_arguments(const TypeExpr& type);
  bool read_params(FunctionDecl& function);
  bool read_results(FunctionDecl& function, UnitResult unit);
  bool read_members(Definition& definition);

  TokenStream& in_;
  std::uint32_t depth_ = 0;
};

}  // namespace tenon::pact
