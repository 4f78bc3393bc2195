// WIT text as input.
//
//   tenon::Result<tenon::WitText> wit = tenon::read_wit("wit", {.names = {"exit-code"}});
//   for (const tenon::Diagnostic& note : wit->notes) show(note);
//
// WIT is read from a folder (its `.wit` files, and the packages that they use in `deps`), from a
// `.wit` file, or from a binary: a WIT package or a component.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tenon/result.h"

namespace tenon {

// The features that are enabled while WIT text is read. An item with the attribute
// `@unstable(feature = NAME)` is left out unless NAME is enabled.
struct WitFeatures {
  std::vector<std::string> names = {};
  bool all = false;  // every feature
};

struct WitText {
  std::string text;  // as `wasm-tools component wit` prints it
  // gated-items: what is left out; keyword-name: package names that other readers of WIT reject.
  Diagnostics notes;
};

// Reads WIT and prints it.
// Errors: read-, wit-.
// Thread: any.
[[nodiscard]] Result<WitText> read_wit(std::string_view path, const WitFeatures& features = {});

}  // namespace tenon
