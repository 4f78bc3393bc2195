// Hints for the reader of a problem.
//
// A hint says what to do, and how a program, a flag and a tenon.toml do it. The user of a command
// gets the flags that this command has, and lines for the tenon.toml that it reads:
//
//   tenon run app.wasm      hint: add a component that exports `acme:tax/lib`: `--with FILE`
//   tenon plan app.wasm     hint: ...: `tenon plan app.wasm FILE`
//   tenon plan shop/        hint: ..., in tenon.toml, and the lines
#pragma once

#include <string>
#include <vector>

#include "tenon/result.h"

namespace tenon::render {

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

}  // namespace tenon::render
