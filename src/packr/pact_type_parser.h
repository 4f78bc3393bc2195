// Types, definitions, signatures and paths in a text of packr's interface languages.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "packr/pact.h"
#include "packr/pact_tokens.h"

namespace tenon::packr {

// What `-> _` is.
enum class UnitResult : std::uint8_t { None, Unit };

// Every function is false after it has told a problem.
class PactTypeParser {
 public:
  explicit PactTypeParser(PactTokens& in) : in_(in) {}

  bool read(PactType& type);
  // ['func'] '(' [name ':' T (',' name ':' T)*] ')' ['->' (T | '_' | '(' T,* ')')]
  bool read_signature(PactFunction& function, UnitResult unit);
  // A name that is no word of the language.
  bool read_definition_name(PactName& name);
  // The definition that begins here. annotations: of it; empty after.
  // REQUIRES: find_definition_kind()
  bool read_definition(std::vector<PactDefinition>& definitions,
                       std::vector<PactName>& annotations);
  // Whether the word here begins a definition, and of what.
  [[nodiscard]] std::optional<PactDefinition::Kind> find_definition_kind() const;

  // id ((':' | '/') id)*, or one name in quotes.
  bool read_path(PactName& path, std::string_view what);
  // The separator here and the name after it.
  bool read_path_step(PactName& path);
  // Says that a name has no version, if one stands here.
  bool refuse_version();
  // Names with commas between `open` and `close`, of which the first is here.
  bool read_names(char open, char close, std::vector<PactName>& names);
  bool read_meta_value(PactMetaValue& value, std::uint32_t depth);

 private:
  bool read_type(PactType& type);
  bool read_arguments(PactType& type);
  bool check_arguments(const PactType& type);
  bool read_params(PactFunction& function);
  bool read_results(PactFunction& function, UnitResult unit);
  bool read_members(PactDefinition& definition);

  PactTokens& in_;
  std::uint32_t depth_ = 0;
};

}  // namespace tenon::packr
