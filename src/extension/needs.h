// The dependency graph of a store: which extension provides what another one imports.
//
// resolve says which libraries match an import by name, which of several libraries of one extension
// is the best match, what a cycle is, and what comes first. The store decides what resolve leaves
// to the user: an import is met only within the ranges of `[dependencies]`, and if several
// extensions can meet it, the order of preference is: the provider that was chosen before, an
// extension named in `[dependencies]`, the newest interface, the newest extension, the first by
// name.
//
// Choices go by names and versions alone, so that they need no component. The types are checked
// afterwards, when the extensions are linked with a wire for each choice.
//
// Source: docs/extensions.md, "Who provides what"; docs/adr/0027-extensions-ask-resolve.md.
#pragma once

#include <cstddef>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "extension/index.h"
#include "extension/policy.h"
#include "tenon/result.h"

namespace tenon::extension {

// Whether to keep a provider that was chosen before, or to choose again.
enum class Preference { Locked, Newest };

// A need that nothing in the store meets, but that a registry could.
struct MissingNeed {
  std::string consumer;
  std::string required;     // an interface, "acme:math/lib@1.2.0", or an extension, "multiply"
  std::string source;       // the query for a registry: "acme:math@^1.2.0", "multiply@^1.0"
  std::size_t problem = 0;  // index of its diagnostic among those that `meet_needs` returns
};

// Extensions of a store, by name and version.
using ExtensionKeys = std::set<std::pair<std::string, std::string>>;
[[nodiscard]] std::pair<std::string, std::string> key_of(const Extension& extension);

// The extensions that `meet_needs` treats differently.
struct NeedExceptions {
  ExtensionKeys unchanged;  // they keep their needs, and their problems are not returned
  ExtensionKeys fresh;      // not installed yet, so no hint says to remove them
};

// Chooses a provider for each import, and fills `needs` of each extension. Returns what cannot be
// met, with near misses: ext-unmet, ext-library-rule. missing: receives what registries could
// provide; may be null.
[[nodiscard]] Diagnostics meet_needs(Index& index, const LibraryPolicy& policy,
                                     Preference preference,
                                     std::vector<MissingNeed>* missing = nullptr,
                                     const NeedExceptions& exceptions = {});

// The extensions that cannot be linked: their own needs are not met, or they are on a cycle. They
// were installed under another policy, or are linked to a source that has changed since.
[[nodiscard]] ExtensionKeys find_broken(Index index, const LibraryPolicy& policy);

// Meets the needs of an extension and of everything that it needs. Other extensions are not changed,
// and their problems are not returned.
[[nodiscard]] Diagnostics meet_closure(Index& index, const Extension& root,
                                       const LibraryPolicy& policy);

// Imports of `consumers` that are not library interfaces and that neither the host nor any other
// extension exports: ext-unmet. Checked for new extensions only. If the host stops providing an
// interface, that must not prevent the addition of something else.
// consumers: of the index.
[[nodiscard]] Diagnostics find_unprovided(const Index& index,
                                          const std::vector<const Extension*>& consumers,
                                          const LibraryPolicy& policy);

// The extension with everything it needs, directly or indirectly: providers before consumers,
// otherwise by name. REQUIRES: needs are met, and every cycle has a lazy edge.
[[nodiscard]] std::vector<const Extension*> closure_of(const Index& index, const Extension& root);

// `roots` and everything that they need, also if there are cycles.
[[nodiscard]] std::set<const Extension*> needed_by(const Index& index,
                                                   const std::vector<const Extension*>& roots);

// `root` and the extensions that must run before it can start: the closure without those that only
// lazy needs lead to.
[[nodiscard]] std::set<const Extension*> eager_closure_of(const Index& index,
                                                          const Extension& root);

// The extensions whose closure contains one of `changed`, including `changed`.
[[nodiscard]] std::vector<const Extension*> affected_by(
    const Index& index, const std::vector<const Extension*>& changed);

// All extensions, in an order in which they can be loaded.
[[nodiscard]] std::vector<const Extension*> load_order(const Index& index);

// Cycles of needs that are not lazy: ext-cycle, so that each need that lies on a cycle is in one.
// ignored: extensions whose cycles with each other are not returned.
[[nodiscard]] Diagnostics find_cycles(const Index& index, const ExtensionKeys& ignored = {});

// The extensions that are on a cycle of needs that are not lazy.
[[nodiscard]] ExtensionKeys find_members_of_cycles(const Index& index);

// An extension that needs another one, and the interface it needs. Lifetime: of the index.
struct Dependent {
  const Extension* consumer;
  std::string interface;
};
[[nodiscard]] std::vector<Dependent> dependents_of(const Index& index, const Extension& provider);

}  // namespace tenon::extension
