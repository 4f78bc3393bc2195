// Where the plan becomes callees: who answers the calls of each import of a domain. The kind of the
// unit that provides is asked here and nowhere else.
#pragma once

#include <memory>
#include <vector>

#include "engine/core_module.h"
#include "engine/linker.h"
#include "linker/call_table.h"
#include "linker/link.h"
#include "packr/package_function.h"
#include "resolve/split_domains.h"
#include "runtime/body.h"
#include "tenon/result.h"

namespace tenon::linker {

[[nodiscard]] KnownImport make_known_import(const resolve::BridgedImport& import,
                                            const resolve::LinkPlan& plan);

// Defines every import of a component's domain that another domain meets, or something outside of
// all domains. calls: of `split`; traced, if `running` has a trace.
// Errors: type-unsupported-value, type-too-large, run-engine.
Result<void> define_imports(engine::Linker& linker, const resolve::SplitPlan& split,
                            resolve::DomainIndex domain, CallTable& calls, Running& running);

// The same for a link that was known: other domains meet all of its imports. shapes: of its types.
Result<void> define_known_imports(engine::Linker& linker, const std::vector<KnownImport>& imports,
                                  resolve::DomainIndex domain, ShapeTable& shapes,
                                  Running& running);

// What a package's domain runs, with its imports met. REQUIRES: the domain has a package
// Errors: type-unsupported-value, type-too-large, for functions of the program.
[[nodiscard]] Result<std::unique_ptr<runtime::Body>> make_package_body(
    Running& running, std::shared_ptr<const engine::CompiledModule> code,
    const resolve::SplitPlan& split, resolve::DomainIndex domain, CallTable& calls);

// The callee of an export of a package. function: within an instance; empty: a bare function.
// codec: null: it is called with messages alone.
[[nodiscard]] std::unique_ptr<packr::PackageFunction> make_package_function(
    const CallTable& calls, resolve::UnitExport from, std::string_view function,
    std::shared_ptr<const packr::GraphCodec> codec);

}  // namespace tenon::linker
