// What an `add` changes in a store, computed before anything is written.
//
//   TENON_TRY(Addition addition, make_addition(index, extensions, options, now));
//   TENON_TRY_VOID(meet_addition(addition, policy));
//   TENON_TRY_VOID(check_addition(addition, files, store_options, options));
//
// All extensions of one `add` succeed or fail together, and extensions that are already installed
// are checked again if one of their providers changes. Problems that the store had before do not
// prevent an addition that has nothing to do with them: `ext check` reports them.
//
// Source: docs/extensions.md, "Adding".
#pragma once

#include <string>
#include <vector>

#include "extension/index.h"
#include "extension/needs.h"
#include "extension/package.h"
#include "extension/store_files.h"
#include "tenon/extension.h"
#include "tenon/result.h"

namespace tenon::extension {

struct Addition {
  Index installed;  // of the store before
  Index index;      // of the store afterwards
  std::vector<Blob> blobs;
  std::vector<AddedExtension> added;
  std::vector<MissingNeed> missing;  // that nothing in the store meets
  // Installed extensions that could not be linked before, and that no added one needs. They stay as
  // they are.
  ExtensionKeys broken;
};

// An extension to be installed, with the grants that the user gave along with it.
struct NewExtension {
  CheckedPackage package;
  std::vector<std::string> grants;
};

// True if `extension` would replace an installed extension of its track that is older, or that has
// the same version and another component.
[[nodiscard]] bool is_newer(const Index& installed, const Extension& extension);

// Puts the extensions into the index, where each replaces an installed one of its name and track.
// now: the time of the addition. Errors: ext-conflict, all of them.
[[nodiscard]] Result<Addition> make_addition(Index installed, std::vector<NewExtension> extensions,
                                             const AddOptions& options, const std::string& now);

// Meets the needs of all extensions in the index that are not broken already, and fills `missing`
// and `broken`. Errors: ext-unmet, ext-library-rule, ext-cycle.
[[nodiscard]] Result<void> meet_addition(Addition& addition, const LibraryPolicy& policy);

// Checks the types of every edge that is new or has a new end, and compiles if `options` say so.
// REQUIRES: meet_addition succeeded. Errors: ext-, resolve-, type-, compose-; all of them.
[[nodiscard]] Result<void> check_addition(Addition& addition, const StoreFiles& files,
                                          const ExtensionOptions& store_options,
                                          const AddOptions& options);

}  // namespace tenon::extension
