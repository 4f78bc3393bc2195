// What an addition makes of a store, before anything is written.
//
// Source: docs/extensions.md, "Adding".
#pragma once

#include <string>
#include <vector>

#include "extension/candidate.h"
#include "extension/index.h"
#include "extension/needs.h"
#include "extension/store_files.h"
#include "tenon/extension.h"
#include "tenon/result.h"

namespace tenon::extension {

struct Addition {
  Index index;  // with all of it
  std::vector<Blob> blobs;
  std::vector<AddedExtension> added;
  std::vector<Missing> missing;  // that nobody here has
};

// A candidate, and what the user said of it.
struct Wanted {
  Candidate candidate;
  std::vector<std::string> grants;
};

// Whether it would take the place of an installed one of its track that is older, or that has
// another component of the same version.
[[nodiscard]] bool is_newer(const Index& installed, const Extension& found);

// Who takes whose place. Errors: ext-conflict, all of them.
[[nodiscard]] Result<Addition> put_together(Index installed, std::vector<Wanted> wanted,
                                            const AddOptions& options, const std::string& now);

// Meets the needs of all, and fills `missing`. Errors: ext-unmet, ext-library-rule, ext-cycle.
[[nodiscard]] Result<void> meet_addition(Addition& addition, const LibraryPolicy& policy);

// REQUIRES: meet_addition found nothing. Holds every edge that is new, or of which one side is,
// against its types. Compiles if the options say so. Errors: ext-, resolve-, type-, compose-; all
// of them.
[[nodiscard]] Result<void> check_addition(Addition& addition, const StoreFiles& files,
                                          const ExtensionOptions& options,
                                          const AddOptions& wishes);

}  // namespace tenon::extension
