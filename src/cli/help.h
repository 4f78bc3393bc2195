// The texts of `-h` and `--help`, made of the flags as they are declared.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "cli/style.h"

namespace tenon::cli {

class CommandLine;

enum class HelpLength : std::uint8_t {
  Short,  // without the flags that verbs share, which are only named
  Full,
};

// What the verb does, its arguments, its flags by group, and its footer with examples.
// arguments: what follows in the usage line beside the positional options.
[[nodiscard]] std::string render_help(const CommandLine& line, const Style& style,
                                      std::string_view arguments = {},
                                      HelpLength length = HelpLength::Full);

}  // namespace tenon::cli
