// The command as the reader of hints (render/render_diagnostics.h).
#pragma once

#include "cli/command_line.h"
#include "render/render_diagnostics.h"

namespace tenon::cli {

using namespace render;

// words: what follows the name of the command.
[[nodiscard]] HintReader make_hint_reader(const CommandLine& line, const Words& words);

}  // namespace tenon::cli
