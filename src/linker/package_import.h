// What the imports of a package are met by: another package, the program, a component.
#pragma once

#include <memory>

#include "linker/call_table.h"
#include "linker/link.h"
#include "linker/package_unit.h"
#include "packr/package_body.h"
#include "resolve/split_domains.h"
#include "tenon/call_failure.h"
#include "tenon/result.h"

namespace tenon::linker {

// Whether a provider is to blame for a failure, so that its consumer may be told by a value.
[[nodiscard]] bool is_of_provider(const CallFailure& failure);

// What one function of an import is met by. consumer: whose import it is; its calls are traced if
// `running` has a trace.  Errors: type-unsupported-value, type-too-large.
[[nodiscard]] Result<packr::PackageParts::Import> meet_import(Running& running, CallTable& calls,
                                                              resolve::UnitIndex consumer,
                                                              const Package::Function& function,
                                                              const resolve::BridgedImport& import);

}  // namespace tenon::linker
