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

// Lets the manifests of `builder` have what the user agreed to before. What is new is asked for
// once, if standard input and standard error are a terminal; without an answer, and if the answer
// is no, `build` refuses the composition. Errors: those of TrustFile.
[[nodiscard]] Result<void> ask_for_consent(CompositionBuilder& builder);

}  // namespace tenon::cli
