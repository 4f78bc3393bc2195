#include "pact/gates.h"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

namespace tenon::pact {

bool GateReader::at_gate() const {
  return in_.is_sign('@') && in_.is_sign('(', 2) &&
         (in_.is_word("unstable", 1) || in_.is_word("since", 1) || in_.is_word("deprecated", 1));
}

// gate ::= '@' 'unstable' '(' 'feature' '=' id ')'
//        | '@' ('since' | 'deprecated') '(' 'version' '=' version ')'
bool GateReader::read(ItemGate& gate) {
  if (!gate.span) gate.span = in_.peek().span;
  in_.take();
  const std::string attribute = in_.take().text;
  in_.take();
  if (read_value(attribute, gate) && in_.expect(')', fmt::format("`@{}`", attribute))) return true;
  gate = {};
  return false;
}

bool GateReader::read_value(std::string_view attribute, ItemGate& gate) {
  const bool is_unstable = attribute == "unstable";
  const std::string_view key = is_unstable ? "feature" : "version";
  if (!in_.accept_word(key))
    return in_.fail(fmt::format("expected `{}`, found {}", key, in_.describe_here()));
  if (!in_.expect('=', fmt::format("`{}`", key))) return false;
  if (is_unstable) {
    Name feature;
    if (!in_.expect_name(feature, "the name of a feature")) return false;
    if (!enabled_.all && std::ranges::find(enabled_.names, feature.text) == enabled_.names.end())
      gate.closed = feature.text;
    gates.features.push_back(std::move(feature.text));
    return true;
  }
  if (in_.peek().kind != Token::Kind::Number)
    return in_.fail(fmt::format("expected a version, found {}", in_.describe_here()));
  // `1.2.0-rc.1` is several tokens.
  while (in_.peek().kind == Token::Kind::Number) {
    in_.take();
    while (in_.accept('-') || in_.accept('.')) in_.take();
  }
  return true;
}

bool GateReader::refuse(const ItemGate& gate) {
  return in_.fail_at(*gate.span, "expected an item after the attribute");
}

std::vector<std::string_view> item_names(const Scope& scope) {
  std::vector<std::string_view> names;
  const auto add = [&](const auto& items) {
    for (const auto& item : items) names.push_back(item.name.text);
  };
  add(scope.parameters);
  add(scope.definitions);
  add(scope.functions);
  add(scope.scopes);
  add(scope.derived);
  for (const Use& use : scope.uses) names.push_back(use.from.text);
  for (const auto* const items : {&scope.imports, &scope.exports})
    for (const Item& item : *items) {
      const Name& name = item.kind == Item::Kind::Function ? item.function.name : item.name;
      names.push_back(name.text.empty() ? item.path.text : name.text);
    }
  return names;
}

}  // namespace tenon::pact
