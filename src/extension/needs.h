// Who provides what an extension imports of others.
//
// A need is met by an extension that offers the interface as a library, of the same compatibility
// track, in the ranges of `[dependencies]`. Of several, the one that met it before, then that with
// the newest interface, then the newest extension, then the first by name.
//
// Source: docs/extensions.md, "Versions".
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "extension/index.h"
#include "extension/policy.h"
#include "tenon/diagnostic.h"

namespace tenon::extension {

// What met a need stays, or is chosen again.
enum class Preference { Locked, Newest };

// What nobody here has, and a registry may have.
struct Missing {
  std::string consumer;
  std::string wanted;       // "acme:math/lib@1.2.0", or an extension: "multiply"
  std::string source;       // what a registry is asked for: "acme:math@^1.2.0", "multiply@^1.0"
  std::size_t problem = 0;  // which of those that `meet_needs` returns speaks of it
};

// Fills `needs` of each extension. Returns what cannot be met, each with who wants it, what there
// is, and what to do: ext-unmet, ext-library-rule. missing: gets what others may have; may be null.
[[nodiscard]] Diagnostics meet_needs(Index& index, const LibraryPolicy& policy,
                                     Preference preference,
                                     std::vector<Missing>* missing = nullptr);

// What it imports that is no library, and nobody else's either: ext-unmet. What a host provided
// once may be gone: that is no matter of an addition of others.
[[nodiscard]] Diagnostics find_foreign(const Index& index, const Extension& consumer,
                                       const LibraryPolicy& policy);

// The extension and all that it needs, directly or through others: providers before their
// consumers, equals by name. REQUIRES: needs are met and have no cycle but through lazy ones.
[[nodiscard]] std::vector<const Extension*> closure_of(const Index& index, const Extension& root);

// Those in whose closure one of `changed` is; themselves included.
[[nodiscard]] std::vector<const Extension*> affected_by(
    const Index& index, const std::vector<const Extension*>& changed);

// All in the order in which they can be loaded.
[[nodiscard]] std::vector<const Extension*> load_order(const Index& index);

// Cycles of needs that are not lazy: ext-cycle, one for each, with the interface of each step.
[[nodiscard]] Diagnostics find_cycles(const Index& index);

// Who needs an extension, with the interfaces. Lifetime: of the index.
struct User {
  const Extension* consumer;
  std::string interface;
};
[[nodiscard]] std::vector<User> users_of(const Index& index, const Extension& provider);

}  // namespace tenon::extension
