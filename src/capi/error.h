// Failures as `tenon_error`.
#pragma once

#include <string>

#include "tenon/result.h"
#include "tenon/tenon_c.h"

namespace tenon::capi {

// problems: not empty. The functions return out_of_memory() if there is none.
[[nodiscard]] tenon_error* make_error(Diagnostics problems) noexcept;
[[nodiscard]] tenon_error* make_error(CallFailure failure) noexcept;
// api-usage
[[nodiscard]] tenon_error* make_misuse(std::string message) noexcept;
// An exception that tenon did not expect: api-internal.
[[nodiscard]] tenon_error* make_internal(const char* what) noexcept;
// api-memory. Static: deleting it does nothing.
[[nodiscard]] tenon_error* out_of_memory() noexcept;

// The same for results.
template <class T>
[[nodiscard]] tenon_error* make_error(const Result<T>& failed) noexcept {
  return make_error(failed.error());
}

}  // namespace tenon::capi
