// Command lines that cannot be understood, as diagnostics (config-usage).
#pragma once

#include <string>
#include <vector>

#include "tenon/diagnostic.h"

namespace tenon::cli {

class CommandLine;

[[nodiscard]] Diagnostic make_usage_problem(std::string message,
                                            std::vector<std::string> hints = {});

// A hint at the help of a command. name: such as "tenon plan".
[[nodiscard]] std::string hint_at_help(const std::string& name);

// Problems of words that `line` could not place: unknown flags with near misses, or an argument too
// many. given: all words.
[[nodiscard]] Diagnostics describe_extra_words(const CommandLine& line,
                                               const std::vector<std::string>& words,
                                               const std::vector<std::string>& given);

}  // namespace tenon::cli
