// Problems as text: for people, for editors and for other programs.
//
//   error[resolve-version-track]: `app` imports `wasi:http/handler@0.2.3`, and nothing exports it
//     --> app.wasm (byte 0x1a2)
//      = note: `proxy` exports `wasi:http/handler@0.3.0`: another track (0.3, required 0.2)
//      = hint: did you mean `wasi:http/outgoing-handler@0.2.3`, exported by `client`?
//   1 error; see `tenon explain resolve-version-track`
//
// Control characters are escaped in every form, because guests choose names.
#pragma once

#include <string>

#include "render/hints.h"
#include "render/style.h"
#include "tenon/result.h"

namespace tenon::render {

enum class ErrorFormat { Human, Short, Json };

// All problems in order; empty if there are none. Human: as above, with a count at the end.
// Short: one line each, `FILE:LINE:COLUMN: error[CODE]: MESSAGE`. Json: one object a line, as made
// by make_diagnostic_json. reader: the command whose hints are printed.
[[nodiscard]] std::string render_diagnostics(const Diagnostics& problems, ErrorFormat format,
                                             const Style& style, const HintReader& reader = {});

}  // namespace tenon::render
