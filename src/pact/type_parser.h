// Types, definitions, signatures and paths in a text of packr's interface languages.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "pact/tokens.h"
#include "pact/tree.h"

namespace tenon::pact {

// What `-> _` is.
enum class UnitResult : std::uint8_t { None, Unit };

// Every function is false after it has told a problem.
class TypeParser {
 public:
  explicit TypeParser(TokenStream& in) : in_(in) {}

  bool read(TypeExpr& type);
  // ['func'] '(' [name ':' T (',' name ':' T)*] ')' ['->' (T | '_' | '(' T,* ')')]
  bool read_signature(FunctionDecl& function, UnitResult unit);
  // A name that is no word of the language.
  bool read_definition_name(Name& name);
  // The definition that begins here. annotations: of it; empty after.
  // REQUIRES: find_definition_kind()
  bool read_definition(std::vector<Definition>& definitions, std::vector<Name>& annotations);
  // Whether the word here begins a definition, and of what.
  [[nodiscard]] std::optional<Definition::Kind> find_definition_kind() const;

  // id ((':' | '/') id)*, or one name in quotes.
  bool read_path(Name& path, std::string_view what);
  // The separator here and the name after it.
  bool read_path_step(Name& path);
  // Says that a name has no version, if one stands here.
  bool refuse_version();
  // Names with commas between `open` and `close`, of which the first is here.
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
