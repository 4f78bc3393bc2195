// Whether a component needs an engine with concurrency support.
#pragma once

#include "binary/component.h"
#include "linker/inputs.h"

namespace tenon::linker {

// Judged by the whole binary, nested components included: an async lift or lower, a stream, future,
// task or error-context built-in, `async` or `stream<T>` in any type.
// Source: docs/resolve.md, section 9.
[[nodiscard]] Concurrency find_async_need(const binary::Component& component);

}  // namespace tenon::linker
