// Passes failures of a `Result` on to the caller. These are the only macros that hide control flow.
//
//   Result<Plan> make_plan(const Request& request) {
//     TENON_TRY(const Inputs inputs, read_inputs(request));  // declares `inputs`, or returns
//     TENON_TRY_VOID(check_inputs(inputs));                  // the same for a Result<void>
//     return resolve(inputs);
//   }
#pragma once

#include <utility>

#define TENON_JOIN_INNER(a, b) a##b
#define TENON_JOIN(a, b) TENON_JOIN_INNER(a, b)

#define TENON_TRY(declaration, ...)                             \
  auto TENON_JOIN(tenon_try_, __LINE__) = (__VA_ARGS__);        \
  if (!TENON_JOIN(tenon_try_, __LINE__))                        \
    return std::move(TENON_JOIN(tenon_try_, __LINE__)).error(); \
  declaration = *std::move(TENON_JOIN(tenon_try_, __LINE__))

#define TENON_TRY_VOID(...)                                            \
  do {                                                                 \
    auto tenon_try_result = (__VA_ARGS__);                             \
    if (!tenon_try_result) return std::move(tenon_try_result).error(); \
  } while (false)
