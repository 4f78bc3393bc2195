// Hints that propose a change of the policy. Each says how a program, a flag of the command and a
// tenon.toml make the change; whoever shows the hint chooses among them.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tenon/result.h"

namespace tenon::resolve {

// A wire to propose. Names are as `--wire` takes them.
struct ProposedWire {
  std::string consumer;
  std::string import;
  std::string provider;
  std::optional<std::string> export_name = {};
};

// text: what the wire does, such as "choose `tax-eu`".
[[nodiscard]] Hint hint_at_wire(std::string text, const ProposedWire& wire);

// consumer, import: as in ProposedWire.
[[nodiscard]] Hint hint_at_chain(const std::string& consumer, const std::string& import,
                                 const std::vector<std::string>& members);

// A [[wire]] that passes values with `key`, such as `adapt = true`. verb: "let tenon convert the
// values".
[[nodiscard]] Hint hint_at_wire_key(std::string text, std::string_view key,
                                    const std::string& import, const std::string& provider);

[[nodiscard]] Hint hint_at_root(const std::string& unit);

// as: the exported name; empty: unchanged.
[[nodiscard]] Hint hint_at_export(std::string text, const std::string& unit,
                                  const std::string& item, const std::string& as = {});

[[nodiscard]] Hint hint_at_hiding(const std::string& unit, const std::string& item);
[[nodiscard]] Hint hint_at_exposing(const std::string& unit, const std::string& item);

// give: "give", or "or give" after another hint.
[[nodiscard]] Hint hint_at_isolation(std::string_view give, const std::string& unit);

}  // namespace tenon::resolve
