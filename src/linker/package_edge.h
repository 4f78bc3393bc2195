// Edges of packages: an import of a component met by a package, and the imports of a package.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "engine/linker.h"
#include "linker/link.h"
#include "linker/package_call.h"
#include "linker/traced_function.h"
#include "packr/package_body.h"
#include "resolve/split_domains.h"
#include "runtime/failure_value.h"
#include "runtime/function_shape.h"
#include "tenon/result.h"

namespace tenon::linker {

struct PackageEdgeParts {
  std::shared_ptr<const runtime::FunctionShape> shape;  // of the import
  runtime::Domain* caller = nullptr;
  PackageCallee callee;
  std::optional<runtime::FailureValue> on_failure;
  std::unique_ptr<TracedFunction> observer;  // null: nobody looks on
};

// An import of a component's domain, met by a function of a package.
// interface: of the import in the caller's component; empty: a function imported by itself.
// Errors: run-engine (defined twice).
Result<void> define_package_function(engine::Linker& linker, std::string_view interface,
                                     std::string_view name, PackageEdgeParts parts);

// What a package's domain runs. REQUIRES: domain `i` has a package
// Errors: type-unsupported-value, type-too-large, of functions of the program.
[[nodiscard]] Result<std::unique_ptr<runtime::Body>> make_package_body(
    Running& running, std::shared_ptr<const engine::CompiledModule> code,
    const resolve::SplitPlan& split, resolve::DomainIndex i, CallTable& calls);

// The function of a package that an export of its unit is. function: within an instance.
[[nodiscard]] packr::PackageFunction find_package_function(CallTable& calls,
                                                           resolve::UnitExport from,
                                                           std::string_view function);

}  // namespace tenon::linker
