// The public functions of a running composition.
#pragma once

#include <memory>

#include "linker/exports.h"
#include "linker/link.h"
#include "tenon/function.h"

namespace tenon::linker {

[[nodiscard]] Function make_function(const std::shared_ptr<Running>& running,
                                     const ExportedItem& item);

}  // namespace tenon::linker
