// What becomes of a consumer when the domain of its provider dies in a call: an error value where
// the function's result can carry it, else the consumer's domain ends too.
//
// Source: docs/resolve.md, "Placement, order, cycles".
#pragma once

#include <optional>
#include <string>

#include "resolve/draft.h"
#include "types/type.h"

namespace tenon::resolve {

// The error type of a function's result, if that is a `result` with one. A variant is none,
// whatever its cases are called.
[[nodiscard]] std::optional<types::TypeId> error_type(const types::Types& types,
                                                      types::FunctionId function);

// The case of the error type that a wire names for an import; empty: none.
[[nodiscard]] std::string on_failure_of(const DraftImport& import);

// Problems: resolve-wire-type, for an `on-failure` that fits no function of an import, or stands on
// an edge within a domain, or differs for two consumers of an export that share a domain.
void check_fates(Draft& draft);

// Notes: ends-with-provider, once for each bridged edge with functions that cannot tell.
void note_fates(Draft& draft);

}  // namespace tenon::resolve
