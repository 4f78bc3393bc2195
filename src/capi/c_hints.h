// Hints for a program that uses the C API.
#pragma once

#include <string>

#include "tenon/result.h"

namespace tenon::capi {

// The hint with the names of C functions; where there is none, with lines of a tenon.toml.
//
//   `set_root("app")`   `tenon_builder_set_root(builder, "app")`
//   `Wire::via`         `tenon_wire.via`
[[nodiscard]] std::string make_c_hint(const Hint& hint);

}  // namespace tenon::capi
