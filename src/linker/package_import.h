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

// Meets one function of an import. package: of the consumer.
// Errors: type-unsupported-value, type-too-large.
Result<void> meet_import(Running& running, CallTable& calls,
                         const std::shared_ptr<const Package>& package,
                         const Package::Function& function, const resolve::BridgedImport& import,
                         packr::PackageParts::Import& made);

}  // namespace tenon::linker
