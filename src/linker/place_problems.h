// Problems found in the bytes of a file: where they were found, and what can be done.
#pragma once

#include <string>

#include "tenon/diagnostic.h"

namespace tenon::linker {

// Names file and unit in every problem that names none, and adds what can be done about a file that
// is damaged, where the problem has no hint of its own.
[[nodiscard]] Diagnostics place_problems(Diagnostics problems, const std::string& file,
                                         const std::string& unit = {});

}  // namespace tenon::linker
