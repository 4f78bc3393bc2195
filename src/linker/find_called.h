// Which of a composition's functions a call as text means.
#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "tenon/result.h"
#include "tenon/value_text.h"

namespace tenon::linker {

// An exported function, as its binary names it.
struct ExportedName {
  std::string interface;  // empty: it is exported by itself
  std::string name;       // "total", "[method]account.close"
};

// The position of the function that `call` means. A call without interface looks through all of
// them; an interface is meant by its full name, its name without version, or its last part.
// Errors: run-no-function (with what is near), run-ambiguous-function.
[[nodiscard]] Result<std::size_t> find_called(std::span<const ExportedName> functions,
                                              const WaveCall& call);

}  // namespace tenon::linker
