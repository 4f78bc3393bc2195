// Looks at one component without linking it: its imports and exports, its parts, its WIT text; and
// whether it fits a world or another component.
//
// Thread: any; each call stands alone.
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

// Version of the library, such as "0.1.0". Static.
std::string_view version();

// Version of the engine inside, such as "wasmtime 48.0.8". Static.
std::string_view engine_version();

// A part of a component, in the order written: a core module, a nested component, a section.
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
  std::string name;  // of its component-name section; may be empty
  std::optional<std::string> version;
  std::uint64_t bytes = 0;
  std::string digest;  // SHA-256, hexadecimal
  std::vector<PlanItem> imports;
  std::vector<PlanItem> exports;
  // Of a packr package:
  struct Function {
    std::string name;  // "math.double", "process"
    std::string type;  // "func(n: s64) -> s64"
  };
  std::vector<Function> imported;
  std::vector<Function> exported;
  std::vector<PlanHash> import_hashes;
  std::vector<PlanHash> export_hashes;
  // Producers: field ("language", "processed-by", "sdk"), value, version.
  struct Producer {
    std::string field;
    std::string value;
    std::string version;
  };
  std::vector<Producer> producers;
  std::vector<ComponentPart> parts;
};

// Errors: read-, type-.
[[nodiscard]] Result<Inspection> inspect_file(std::string_view path);

// The same of bytes. name: of what they are, for messages.
[[nodiscard]] Result<Inspection> inspect_bytes(std::string_view name,
                                               const std::vector<std::uint8_t>& bytes);

// WIT text of a component, a binary WIT package, or a folder of WIT text.
// Errors: read-, wit-.
[[nodiscard]] Result<std::string> print_wit(std::string_view path);

// WebAssembly text of bytes. Errors: read-.
[[nodiscard]] Result<std::string> print_wat(const std::vector<std::uint8_t>& bytes);

// Whether the engine takes the file as it is: everything but linking. Errors: read-, type-.
[[nodiscard]] Result<void> check_file(std::string_view path);

// Whether a component fits a world: it imports no more, and exports no less.
// wit_path: folder of WIT text, WIT file, binary package, or component; world: its name, or empty
// if there is only one. Errors: as check_file, wit-, type-world-missing, type-mismatch.
[[nodiscard]] Result<void> check_world(std::string_view path, std::string_view wit_path,
                                       std::string_view world);

// Whether component `path` can take the place of component `other`: a subtype.
// Errors: as check_file, type-mismatch, type-world-missing.
[[nodiscard]] Result<void> check_subtype(std::string_view path, std::string_view other);

}  // namespace tenon
