// The flags that limit what the root's domain may use.
#pragma once

#include <optional>
#include <string>

#include "tenon/composition.h"
#include "tenon/result.h"

namespace tenon::cli {

class CommandLine;

// As written; `apply_limit_flags` reads them.
struct LimitFlags {
  std::optional<std::string> timeout;  // --timeout DURATION
  std::optional<std::string> memory;   // --memory SIZE
  std::optional<std::string> fuel;     // --fuel N
};

void add_limit_flags(CommandLine& line, LimitFlags& flags);

// Sets what the flags say. Errors: config-usage, one for each flag that cannot be read.
[[nodiscard]] Result<void> apply_limit_flags(const LimitFlags& flags, Limits& limits);

}  // namespace tenon::cli
