// Calls of a package's function by the program, with C++ types.
#pragma once

#include <memory>

#include "linker/link.h"
#include "linker/package_call.h"
#include "runtime/function_shape.h"
#include "tenon/detail/call_port.h"
#include "tenon/function.h"

namespace tenon::linker {

// function: keeps `callee`. Thread: that of the composition.
[[nodiscard]] std::shared_ptr<detail::CallPort> make_package_port(
    Function function, const std::shared_ptr<Running>& running, PackageCallee& callee,
    std::shared_ptr<const runtime::FunctionShape> shape);

}  // namespace tenon::linker
