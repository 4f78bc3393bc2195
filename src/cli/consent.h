// The user's consent to what a tenon.toml asks for (tenon/trust.h).
#pragma once

#include <span>
#include <string>

#include "tenon/composition.h"
#include "tenon/result.h"
#include "tenon/trust.h"

namespace tenon::cli {

// The requests, one a line.
[[nodiscard]] std::string render_requests(std::span<const ManifestRequest> requests);

// Trusts the manifests of `builder` if the user has agreed to all that they ask for. On a terminal,
// the user is asked about what is new, and a yes is stored. Otherwise nothing changes, and `build`
// refuses the composition. Errors: those of TrustFile.
[[nodiscard]] Result<void> ask_for_consent(CompositionBuilder& builder);

}  // namespace tenon::cli
