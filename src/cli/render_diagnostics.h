// Problems as text for people, for editors and for machines.
//
//   error[resolve-version-track]: `app` imports `wasi:http/handler@0.2.3`, and no component exports
//   it
//     --> app.wasm (byte 0x1a2)
//      = note: `proxy` exports `wasi:http/handler@0.3.0`: another track (0.3, wanted 0.2)
//      = hint: did you mean `wasi:http/outgoing-handler@0.2.3`, exported by `client`?
//   1 error; `tenon explain resolve-version-track` says more
//
// Control characters in names that guests chose are escaped in every form.
#pragma once

#include <string>

#include "cli/session.h"
#include "cli/style.h"
#include "tenon/composition.h"
#include "tenon/diagnostic.h"

namespace tenon::cli {

// Every problem, one after another; empty for none. Human: as above, ending in a line that counts.
// Short: one line each, `FILE:LINE:COLUMN: error[CODE]: MESSAGE`. Json: one object a line, with the
// members code, level, message, file, unit, path, span, excerpt, notes, hints, related.
[[nodiscard]] std::string render_diagnostics(const Diagnostics& problems, ErrorFormat format,
                                             const Style& style);

}  // namespace tenon::cli
