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
#include <vector>

#include "render/style.h"
#include "tenon/result.h"

namespace tenon::render {

enum class ErrorFormat { Human, Short, Json };

// A hint says what to do, and how a program, a flag and a tenon.toml do it. The user of a command
// gets the flags that this command has, and lines for the tenon.toml that it reads:
//
//   tenon run app.wasm      hint: add a component that exports `acme:tax/lib`: `--with FILE`
//   tenon plan app.wasm     hint: ...: `tenon plan app.wasm FILE`
//   tenon plan shop/        hint: ..., in tenon.toml, and the lines

// A command, as far as hints depend on it. Without a name, hints show every flag.
struct HintReader {
  std::string command;             // "tenon plan"
  std::vector<std::string> flags;  // "--wire"
  std::string
      more_components;        // what one more is added to: "tenon plan app.wasm"; empty: it cannot
  bool has_manifest = false;  // it reads a tenon.toml
};

struct ReaderHint {
  std::string text;
  std::vector<std::string> lines;  // of tenon.toml; they follow the text

  bool operator==(const ReaderHint&) const = default;
};

[[nodiscard]] ReaderHint adapt_hint(const Hint& hint, const HintReader& reader);

// All problems in order; empty if there are none. Human: as above, with a count at the end.
// Short: one line each, `FILE:LINE:COLUMN: error[CODE]: MESSAGE`. Json: one object a line, as made
// by make_diagnostic_json. reader: the command whose hints are printed.
[[nodiscard]] std::string render_diagnostics(const Diagnostics& problems, ErrorFormat format,
                                             const Style& style, const HintReader& reader = {});

}  // namespace tenon::render
