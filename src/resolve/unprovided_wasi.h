// The packages of WASI that tenon does not provide, and what to do about them.
//
// Those that it provides are the exports of the unit `wasi`, what the engine was built with, and a few
// of its own. A row of the table in the source goes away when the engine provides its package.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "resolve/unit.h"
#include "types/interface_name.h"

namespace tenon::resolve {

// An import of a package that the WASI of the engine does not have.
struct UnprovidedWasi {
  std::string package;      // "wasi:http"
  std::string provided;     // the packages that it has: "`wasi:cli`, `wasi:clocks`, .."
  std::vector<Hint> hints;  // ways out, apart from a component that exports the interface
};

// wasi: the unit of that name. Absent: the package is provided, or it is not one of WASI.
[[nodiscard]] std::optional<UnprovidedWasi> find_unprovided_wasi(const types::ItemName& import,
                                                                 const Unit& wasi);

}  // namespace tenon::resolve
