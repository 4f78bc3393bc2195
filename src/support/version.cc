// The version of the project, which the build defines for this file alone.
#include "tenon/inspect.h"

namespace tenon {

std::string_view version() { return TENON_VERSION; }

}  // namespace tenon
