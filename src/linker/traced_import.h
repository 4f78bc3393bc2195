// Sees the calls of a function that a package imports, for a trace.
#pragma once

#include <memory>

#include "linker/package_unit.h"
#include "linker/trace.h"
#include "packr/package_import.h"
#include "tenon/type.h"

namespace tenon::linker {

// What calls `met_by`. type, package: of the import and of the package that has it.
// Lifetime: refers to the trace.
[[nodiscard]] std::shared_ptr<packr::PackageImport> trace_import(
    Trace& trace, const Trace::Names& names, FunctionType type,
    std::shared_ptr<const Package> package, std::shared_ptr<packr::PackageImport> met_by);

}  // namespace tenon::linker
