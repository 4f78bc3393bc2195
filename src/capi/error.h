// Failures as `tenon_error`, and hints with the names of C functions.
#pragma once

#include <string>
#include <string_view>

#include "tenon/result.h"
#include "tenon/tenon_c.h"

namespace tenon::capi {

// problems: not empty. The functions return out_of_memory() if there is none.
[[nodiscard]] tenon_error* make_error(Diagnostics problems) noexcept;
[[nodiscard]] tenon_error* make_error(CallFailure failure) noexcept;
// api-usage
[[nodiscard]] tenon_error* make_misuse(std::string_view message) noexcept;
// An exception that tenon did not expect: api-internal.
[[nodiscard]] tenon_error* make_internal(const char* what) noexcept;
// api-memory. Static: deleting it does nothing.
[[nodiscard]] tenon_error* out_of_memory() noexcept;

// The hint with the names of C functions; where there is none, with lines of a tenon.toml.
//
//   `set_root("app")`   `tenon_builder_set_root(builder, "app")`
//   `Wire::via`         `tenon_wire.via`
[[nodiscard]] std::string make_c_hint(const Hint& hint);

}  // namespace tenon::capi
