// The text of `--help`, made of the flags as they are declared.
#pragma once

#include <string>
#include <string_view>

#include "cli/style.h"

namespace tenon::cli {

class CommandLine;

// What the verb does, its arguments, its flags by group, and its footer with examples.
// arguments: what follows in the usage line beside the positional options.
[[nodiscard]] std::string render_help(const CommandLine& line, const Style& style,
                                      std::string_view arguments = {});

}  // namespace tenon::cli
