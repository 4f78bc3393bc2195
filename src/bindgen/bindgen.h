// Generates code from WIT: for host bundles, which are native libraries whose functions components import,
// and for programs that embed tenon.
//
//   auto files = bindgen::generate_host_cpp({.wit = "wit", .name = "sqlite"});
//   // files->files: {{"sqlite_host.h", "// Made by ..."}}
//
// The same WIT gives the same text. No file is written.
//
// Thread: any.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "host/manifest.h"
#include "tenon/extension.h"  // GeneratedFile
#include "tenon/result.h"
#include "tenon/wit.h"

namespace tenon::bindgen {

using host::WorldSide;

struct BindgenOptions {
  std::string wit = {};  // a folder of WIT, a file, or a binary WIT package
  // The world that says what the bundle provides. Empty: the only world, or every interface.
  std::string world = {};
  WitFeatures features = {};
  WorldSide offers = WorldSide::Auto;
  // The name of the bundle, or of the generated files, in kebab case. Empty: that of the WIT package.
  std::string name = {};
};

struct GeneratedCode {
  std::vector<GeneratedFile> files;
  Diagnostics notes;  // gated-items (a comment in the code lists them too), keyword-name
};

// The C++20 header of a bundle, `NAME_host.h`. It includes tenon/host_glue.h.
// Errors: read-, wit-, type-; config-usage (an invalid name); host-wit-mismatch (types or functions
// that native code cannot implement).
// Docs: docs/host-bundles-authoring.md
[[nodiscard]] Result<GeneratedCode> generate_host_cpp(const BindgenOptions& options);

// The C11 header of a bundle, `NAME_host.h`, with the prototypes of its functions and its tables.
// Errors: as generate_host_cpp.
[[nodiscard]] Result<GeneratedCode> generate_host_c(const BindgenOptions& options);

// Whether the functions of a program get the unit that calls.
enum class Callers : std::uint8_t { NotPassed, Passed };

// The C++20 header and source file of a program, `NAME.h` and `NAME.cc`. The program provides the imports of
// the world, and calls its exports, or the other way round if it offers the exports. A WIT without worlds has
// interfaces for both.
// options: `name`: empty: the name of the world.
// Errors: as generate_host_cpp.
// Docs: docs/bindgen.md
[[nodiscard]] Result<GeneratedCode> generate_cpp(const BindgenOptions& options, Callers callers);

// The module of a program in Python: `NAME.pyi`, which has its types, and `NAME.py`, which has its classes and links.
// The sides are those of generate_cpp.
// options: `name`: empty: the name of the world.
// Errors: as generate_host_cpp.
// Docs: docs/bindgen.md
[[nodiscard]] Result<GeneratedCode> generate_python(const BindgenOptions& options);

// The C11 header and source file of a program that uses the C API, `NAME.h` and `NAME.c`, which also compile
// as C++. options: as for generate_cpp. Errors: as generate_host_cpp.
// Docs: docs/bindgen.md
[[nodiscard]] Result<GeneratedCode> generate_c(const BindgenOptions& options);

enum class HostLanguage : std::uint8_t { C, Cpp, Rust };

// The files of a new bundle, which builds but whose functions only trap: host.toml, the WIT with
// its dependencies, CMakeLists.txt or Cargo.toml, the generated header, a source file, a README.
// Errors: as generate_host_cpp.
[[nodiscard]] Result<GeneratedCode> make_host_skeleton(const BindgenOptions& options,
                                                       HostLanguage language);

}  // namespace tenon::bindgen
