// The flags of every verb that links: what the user knows better than the resolver.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cli/host_flags.h"
#include "tenon/composition.h"
#include "tenon/result.h"

namespace tenon::cli {

class CommandLine;

// As written; `apply_link_flags` reads them.
struct LinkFlags {
  std::vector<std::string> wires;    // --wire [CONSUMER:]IMPORT=PROVIDER[:EXPORT]
  std::vector<std::string> vias;     // --via [CONSUMER:]IMPORT=A,B
  std::vector<std::string> hides;    // --hide UNIT:ITEM
  std::vector<std::string> exposes;  // --expose UNIT:ITEM
  std::vector<std::string> exports;  // --export UNIT:ITEM[=NAME]
  bool export_all = false;
  std::string root;  // empty: not given
  bool allow_unresolved = false;
  std::vector<std::string> isolated;   // --isolate[=UNIT,..]; "*": every unit
  std::vector<std::string> bundles;    // --host-bundle [NAME=]DIR
  std::vector<std::string> host_sets;  // --host-set NAME.KEY=VALUE
  HostFlags hosts;
  bool no_native = false;
  bool locked = false;
  bool require_pins = false;
};

void add_link_flags(CommandLine& line, LinkFlags& flags);

// Reads the text of one --wire. If the import's name has a `/`, a consumer is there only when two
// colons precede it; without `/`, the text before the first colon is the consumer.
// Errors: config-usage.
[[nodiscard]] Result<Wire> parse_wire(std::string_view text);

// Reads the text of one --via; the consumer is told apart as in --wire. Errors: config-usage.
[[nodiscard]] Result<Wire> parse_via(std::string_view text);

// Hands all wishes to the builder. Errors: config-usage, one for each flag that cannot be read.
[[nodiscard]] Result<void> apply_link_flags(const LinkFlags& flags, CompositionBuilder& builder);

}  // namespace tenon::cli
