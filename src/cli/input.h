// Text that the command line names and does not hold.
#pragma once

#include <string>

#include "tenon/result.h"

namespace tenon::cli {

// The whole of a file; of standard input for "-". Errors: read-file.
[[nodiscard]] Result<std::string> read_input(const std::string& path);

}  // namespace tenon::cli
