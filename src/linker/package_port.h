// Calls of a package's function by the program, with C++ types.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "linker/arena_port.h"
#include "linker/link.h"
#include "linker/package_call.h"
#include "runtime/function_shape.h"
#include "tenon/detail/call_port.h"
#include "tenon/function.h"

namespace tenon::linker {

// A function of a package that the program has found.
struct PackageCallable {
  PackageCallee callee;
  // Of its unit, as `Domain::exports` counts them; none: a swap keeps it.
  std::optional<std::uint64_t> exports;

  // Whether a swap gave its unit other exports since. REQUIRES: in the composition
  [[nodiscard]] bool has_changed() const {
    return exports && *exports != callee.function().domain().exports();
  }
  [[nodiscard]] Diagnostic change_problem() const {
    return linker::change_problem(callee.function().name(), callee.function().unit());
  }
};

// function: keeps `callable`. Thread: that of the composition.
[[nodiscard]] std::shared_ptr<detail::CallPort> make_package_port(
    Function function, const std::shared_ptr<Running>& running, PackageCallable& callable,
    std::shared_ptr<const runtime::FunctionShape> shape);

}  // namespace tenon::linker
