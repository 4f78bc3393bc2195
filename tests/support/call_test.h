// For tests that call the guests of tests/guests/domains.
#pragma once

#include <fmt/core.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tenon/composition.h"
#include "tenon/value.h"

namespace tenon {

[[nodiscard]] inline std::string domain_guest(std::string_view name) {
  return fmt::format("{}/tests/guests/domains/wasm/{}.wasm", TENON_SOURCE_DIR, name);
}

// Calls "add(1, 2)"; returns the result in WAVE, or the failure.
[[nodiscard]] inline std::string call_text(const Composition& composition, std::string_view text) {
  const Result<WaveCall> call = parse_wave_call(text);
  const Result<Function> function = composition.find_function(*call);
  if (!function) return function.error().front().message;
  const Result<std::vector<Value>> arguments = parse_wave_arguments(*call, function->type());
  if (!arguments) return arguments.error().front().message;
  const CallResult<std::optional<Value>> result = function->call(*arguments);
  if (!result) return failure_diagnostic(result.error()).message;
  return *result ? print_wave(**result) : "()";
}

// The same for a function of `front`.
[[nodiscard]] inline std::string call_front(const Composition& composition, std::string_view text) {
  return call_text(composition, fmt::format("front.{}", text));
}

// Calls that show each type and the fate of handles.
inline constexpr std::string_view kFrontCalls[] = {
    "add(1, 4294967295)",
    R"(echo("h\u{e9}llo \u{1f600}"))",
    R"(echo(""))",
    "echo-bytes([0, 255, 7])",
    "echo-points([{x: 1, y: 18446744073709551615, z: nan}, {x: 2, y: 3, z: -0.5}])",
    R"(echo-named([{id: 1, name: "a", weight: 2}, {id: 2, name: "", weight: inf}]))",
    R"(echo-mixed(some("x"), err("e"), ('c', true, -5), gone("g"), {red, blue}))",
    "echo-mixed(none, ok(7), ('\\u{10ffff}', false, 9), other, {})",
    "calls()",
    "calls()",
    "check-text(3)",
    "churn(1000)",
    "merge(3, 4)",
    "peek(3, 4)",
    "consume(9)",
    "keep(5)",
    "keep-all([7, 8, 9])",
    "take()",
    "sum(1, 2)",
    "hold(3)",
    "next()",
    "next()",
    "alive()",
};

}  // namespace tenon
