// Turns the edges of a start plan into callees, which answer the calls of the imports of a domain. Only
// this file distinguishes the kinds of providers.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "engine/core_module.h"
#include "engine/linker.h"
#include "link/call_table.h"
#include "link/running.h"
#include "link/start_plan.h"
#include "runtime/domain.h"
#include "tenon/result.h"

namespace tenon::link {

// Defines every import of a component's domain that is provided by another domain or from outside
// of all domains. Calls are traced if `running` has a trace.
// caller: the domain, or another one of its pool. types: of `row`.
// Errors: type-unsupported-value, type-too-large, run-engine.
Result<void> define_imports(engine::Linker& linker, const DomainRow& row, runtime::Domain& caller,
                            CallTypes& types, Running& running);

// The body of a package's domain, with callees for its imports. REQUIRES: the domain has a package
// Errors: type-unsupported-value, type-too-large, for functions of the program.
[[nodiscard]] Result<std::unique_ptr<runtime::Body>> make_package_body(
    Running& running, std::shared_ptr<const engine::CompiledModule> code, const DomainRow& row,
    std::optional<std::uint64_t> memory, runtime::Domain& domain, CallTypes& types);

// An exported function, as the program calls it.
struct ExportCallee {
  std::string name;  // for messages: "acme:tax/lib@1.0.0#rate"
  std::unique_ptr<call::Callee> callee;
  std::shared_ptr<const call::FunctionShape> shape;
  std::shared_ptr<const call::ValueForm>
      values;  // converts `Value`s; null after `make_canonical_callee`
};

// type: of the function. Errors: type-unsupported-value, type-too-large.
[[nodiscard]] Result<ExportCallee> make_export_callee(Running& running, CallTable& calls,
                                                      const ExportedItem& item,
                                                      const FunctionType& type);

// A callee that takes C++ values, for functions whose shape is not in canonical form. Errors: as
// above.
[[nodiscard]] Result<ExportCallee> make_canonical_callee(Running& running, CallTable& calls,
                                                         resolve::UnitExport from,
                                                         std::string_view function,
                                                         const FunctionType& type);

}  // namespace tenon::link
