// The versions of the project and of its engine, which the build defines for this file alone.
// tools/parts.py generates the rest.
#include "tenon/inspect.h"

namespace tenon {

std::string_view version() { return TENON_VERSION; }

std::string_view engine_version() { return "wasmtime " TENON_ENGINE_VERSION; }

}  // namespace tenon
