// Words as they are written on the line of a POSIX shell.
#pragma once

#include <string>
#include <string_view>

namespace tenon::cli {

// `text` so that a shell gives it on as it is: in single quotes, if it holds what a shell would
// take for something else.
[[nodiscard]] std::string quote_shell_word(std::string_view text);

}  // namespace tenon::cli
