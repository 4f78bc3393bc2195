// Inspects one component without linking it: its imports and exports, its parts, its WIT text, and
// whether it fits a world or can replace another component.
//
//   tenon::Result<tenon::Inspection> cart = tenon::inspect_file("cart.wasm");
//   for (const tenon::PlanItem& item : cart->imports) print(item.name);
//
// Thread: any; the functions share no state.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tenon/plan.h"
#include "tenon/result.h"

namespace tenon {

// Returns the version of the library, such as "0.1.0".
// Lifetime: static.
std::string_view version();

// Returns the version of the built-in engine, such as "wasmtime 48.0.8".
// Lifetime: static.
std::string_view engine_version();

// A part of a component: a core module, a nested component or a section. Parts are in file order.
struct ComponentPart {
  std::string kind;         // "core module", "component", "custom section", "types", "imports", ...
  std::string name;         // from a name section; may be empty
  std::uint64_t begin = 0;  // byte offsets into the file
  std::uint64_t end = 0;
  std::vector<ComponentPart> parts;
};

struct Inspection {
  std::string file;
  enum class Kind : std::uint8_t {
    Component,
    CoreModule,
    WitPackage,
    Package
  } kind = Kind::Component;
  std::string name;  // from its component-name section; may be empty
  std::optional<std::string> version;
  std::uint64_t bytes = 0;
  std::string digest;  // SHA-256, hexadecimal
  std::vector<PlanItem> imports;
  std::vector<PlanItem> exports;
  // For packr packages only:
  struct Function {
    std::string name;  // "math.double", "process"
    std::string type;  // "func(n: s64) -> s64"
  };
  std::vector<Function> imported;
  std::vector<Function> exported;
  std::vector<PlanHash> import_hashes;
  std::vector<PlanHash> export_hashes;
  // An entry of the producers section; fields are "language", "processed-by" and "sdk".
  struct Producer {
    std::string field;
    std::string value;
    std::string version;
  };
  std::vector<Producer> producers;
  std::vector<ComponentPart> parts;
};

// Describes a component, core module, binary WIT package or packr package.
// Errors: read-, type-.
[[nodiscard]] Result<Inspection> inspect_file(std::string_view path);

// Describes a file from memory.
// name: used in messages.
[[nodiscard]] Result<Inspection> inspect_bytes(std::string_view name,
                                               const std::vector<std::uint8_t>& bytes);

// Returns the WIT text of a component, a binary WIT package, or a folder of WIT text.
// Errors: read-, wit-.
[[nodiscard]] Result<std::string> print_wit(std::string_view path);

// Returns WebAssembly text for a binary.
// Errors: read-.
[[nodiscard]] Result<std::string> print_wat(const std::vector<std::uint8_t>& bytes);

// Checks that the engine accepts a file. Nothing is linked.
// Errors: read-, type-.
[[nodiscard]] Result<void> check_file(std::string_view path);

// Checks that a component fits a world: it imports nothing else, and exports everything.
// wit_path: a folder of WIT text, a WIT file, a binary package or a component. world: the world's
// name; can be empty if there is only one.
// Errors: as check_file; wit-, type-world-missing, type-mismatch.
[[nodiscard]] Result<void> check_world(std::string_view path, std::string_view wit_path,
                                       std::string_view world);

// Checks that the component `path` can replace the component `other`, which means that its type is
// a subtype.
// Errors: as check_file; type-mismatch, type-world-missing.
[[nodiscard]] Result<void> check_subtype(std::string_view path, std::string_view other);

}  // namespace tenon
