// WIT text in and out, by the parser and the printer that wasm-tools uses.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tenon/result.h"

namespace tenon::engine {

enum class WitItemKind { Interface, World, Type, Function, WorldImport, WorldExport };

// Where an item of a WIT package is written.
struct WitItem {
  WitItemKind kind = WitItemKind::Interface;
  // Path of the item:
  //   interface     "acme:tax/lib@1.2.0"
  //   world         "acme:tax/app@1.2.0"
  //   type, function of an interface   "acme:tax/lib@1.2.0#rate", with the name as in the component
  //                                    binary: "#[method]account.close"
  //   type of a world                  "acme:tax/app@1.2.0#rate"
  //   import or export of a world      "acme:tax/app@1.2.0#import:acme:log/log@0.1.0",
  //   "#export:run" and inside one written in place  "acme:tax/app@1.2.0#import:log#write"
  std::string path;
  std::string file;          // as found under the path that was given
  std::uint32_t line = 0;    // 1-based
  std::uint32_t column = 0;  // 1-based, in characters

  bool operator==(const WitItem&) const = default;
};

struct EncodedWit {
  std::string package;               // name of the main package, such as "acme:tax@1.2.0"
  std::vector<std::uint8_t> binary;  // a binary WIT package: a component whose exports are types
  // An interface that a world imports by name has the position of the world.
  // Packages in the order of their dependencies, the main one last; inside one in the order of its
  // text. Packages that came as binaries have no positions and no items.
  std::vector<WitItem> items;
};

// Reads a directory of WIT text (with its `deps`, as `wasm-tools component wit DIR` does) or a
// single file, and encodes its main package. Items marked `@unstable` are left out. Errors:
// read-file (`path` is not there), wit-syntax (with file, line, column and an excerpt).
[[nodiscard]] Result<EncodedWit> encode_wit(const std::filesystem::path& path);

// Encodes one WIT package given as text.
// file: name used in positions and errors; it is not read.
// Errors: wit-syntax.
[[nodiscard]] Result<EncodedWit> encode_wit_text(std::string_view file, std::string_view text);

// The WIT text of a binary: of a WIT package, the package and its dependencies; of a component, its
// world. The same bytes as `wasm-tools component wit` prints.
// Errors: read-malformed (neither a component nor a WIT package, or the decoder refuses it).
[[nodiscard]] Result<std::string> print_wit(std::span<const std::uint8_t> binary);

enum class WasiTrack { Wasi02, Wasi03 };

// WASI as the engine implements it: binary WIT packages, items marked `@unstable` left out.
struct WasiPackage {
  std::string_view name;                 // such as "wasi:cli@0.2.12"
  std::span<const std::uint8_t> binary;  // as `EncodedWit::binary`
};

// Every package of a track, dependencies first. Lifetime: static. Thread: any.
[[nodiscard]] std::vector<WasiPackage> wasi_packages(WasiTrack track);

}  // namespace tenon::engine
