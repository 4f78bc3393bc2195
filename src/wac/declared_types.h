// The imports and types that a `.wac` file declares.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "tenon/result.h"
#include "types/type.h"
#include "wac/packages.h"
#include "wac/syntax.h"

namespace tenon::wac {

// The imports that a file declares, as they are written in the composition: before an interface
// come those whose types it uses.
struct DeclaredTypes {
  std::vector<types::NamedItem> imports;
  // By position in Document::statements, of import statements: a position in `imports`.
  std::map<std::size_t, std::uint32_t> by_statement;
  // The full name of the interface that an import statement names.
  std::map<std::size_t, std::string> interfaces;
  // The declarations as a WIT package; without binary if there are none.
  Wit wit;
  Diagnostics notes;  // on this WIT, and on that of the packages that it uses
};

// Errors: wac-name, wac-package, wit-syntax (also for an item that a gate leaves out), read-, type-.
[[nodiscard]] Result<DeclaredTypes> read_declared_types(const Document& document,
                                                        const Source& source, Packages& packages,
                                                        types::Types& types);

}  // namespace tenon::wac
