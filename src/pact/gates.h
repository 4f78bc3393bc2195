// The gates in front of items: `@unstable(feature = x)`, `@since(version = 1.0.0)` and
// `@deprecated(version = 1.0.0)`.
//
//   GateReader gates(in, enabled);
//   ItemGate gate;
//   while (gates.at_gate())
//     if (!gates.read(gate)) return false;
//   // gate.closed: the item that follows is left out
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pact/lexer.h"
#include "pact/text.h"
#include "pact/tree.h"
#include "tenon/wit.h"

namespace tenon::pact {

// All gates of one item.
struct ItemGate {
  std::optional<TextSpan> span = {};  // nothing: there are none
  std::string closed = {};            // a feature that is not enabled; empty: the item is included
};

// Functions that return bool return false after they have recorded a problem.
// Lifetime: refers to its arguments.
class GateReader final {
 public:
  GateReader(TokenStream& in, const WitFeatures& enabled) : in_(in), enabled_(enabled) {}

  [[nodiscard]] bool at_gate() const;
  // REQUIRES: at_gate(). On failure, `gate` is empty.
  bool read(ItemGate& gate);
  // Reports a gate that no item follows.
  bool refuse(const ItemGate& gate);

  Gates gates;

 private:
  bool read_value(std::string_view attribute, ItemGate& gate);

  TokenStream& in_;
  const WitFeatures& enabled_;
};

// The names of all items of a scope. Lifetime: of the scope.
[[nodiscard]] std::vector<std::string_view> item_names(const Scope& scope);

}  // namespace tenon::pact
