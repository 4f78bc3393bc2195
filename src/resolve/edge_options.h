// Options of wires that only bridged edges can have: `on-failure` (fate.cc), `stream-buffer` and
// `buffers`.
//
// Source: docs/resolve.md, "Filters and hints".
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "resolve/draft.h"
#include "types/type.h"

namespace tenon::resolve {

struct EdgeOption {
  std::string_view key;                    // in a manifest
  std::string (*print)(const Wire& wire);  // its value there; empty: the wire does not set it
};

// The bridged imports whose wire sets an option. Reports wires that set it for another edge or for
// none, and consumers that disagree about it.
// Problems: resolve-wire-type.
[[nodiscard]] std::vector<const DraftImport*> check_edge_option(Draft& draft,
                                                                const EdgeOption& option);

// Adds a problem (resolve-wire-type) with an option of a wire.
void report_edge_option(Draft& draft, const EdgeOption& option, const Wire& wire,
                        std::string_view why, std::string hint);

// A function that an import can call.
struct NamedFunction {
  std::string name;
  types::FunctionId id;
};
[[nodiscard]] std::vector<NamedFunction> functions_behind(const Draft& draft,
                                                          const DraftImport& import);

}  // namespace tenon::resolve
