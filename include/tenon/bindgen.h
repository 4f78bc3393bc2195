// Code for host bundles, from their WIT: native libraries whose functions components import.
//
//   auto files = tenon::generate_host_cpp({.wit = "wit", .name = "sqlite"});
//   // {{"sqlite_host.h", "// Made by ..."}}
//
// The same WIT gives the same text. Nothing is written.
//
// Thread: any; each call stands alone.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tenon/result.h"

namespace tenon {

struct BindgenOptions {
  std::string wit = {};  // a folder of WIT, a file, or a binary WIT package
  std::string world =
      {};  // whose exports the bundle provides; empty: the only one, or every interface
  std::string name = {};  // the bundle's, kebab-case; empty: of the WIT's package
};

struct GeneratedFile {
  std::string path;  // with `/`, below the folder that it is for
  std::string text;  // or bytes, of a binary WIT
};

// A C++20 header, `NAME_host.h`, that a bundle is written over: docs/host-bundles-authoring.md.
// Errors: read-, wit-, type-; config-usage (a name that is none); host-wit-mismatch (what native
// code cannot have).
[[nodiscard]] Result<std::vector<GeneratedFile>> generate_host_cpp(const BindgenOptions& options);

// A C11 header, `NAME_host.h`, with the prototypes of a bundle's functions and its tables.
// Errors: as generate_host_cpp.
[[nodiscard]] Result<std::vector<GeneratedFile>> generate_host_c(const BindgenOptions& options);

enum class HostLanguage : std::uint8_t { C, Cpp, Rust };

// A folder that builds a bundle whose functions are not written yet: host.toml, the WIT with what
// it depends on, CMakeLists.txt or Cargo.toml, the generated header, a source file, a README.
// Errors: as generate_host_cpp.
[[nodiscard]] Result<std::vector<GeneratedFile>> make_host_skeleton(const BindgenOptions& options,
                                                                    HostLanguage language);

}  // namespace tenon
