// The key of a link: everything that its plan depends on. Planning a request with the same key later, for
// example to explain a trap, gives the same plan.
#pragma once

#include <optional>
#include <string>

#include "link/request.h"

namespace tenon::link {

// Identifies this build of tenon, or of the program that contains it, because another build can read
// and plan differently. Empty if the program's file cannot be found.
[[nodiscard]] const std::string& identify_program();

// The key of a request whose units are loaded: their names and digests, the policy, and this
// program. Nothing if the request has notes or problems, which have to be reported again, or if a
// unit is not loaded.
[[nodiscard]] std::optional<std::string> make_link_key(const Request& request);

}  // namespace tenon::link
