// For tests of the packages of tests/guests/packr.
#pragma once

#include <fmt/core.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tenon/builder.h"
#include "tenon/composition.h"
#include "tenon/value.h"

namespace tenon {

using namespace std::chrono_literals;

// The deadline of a call that never returns.
inline constexpr std::chrono::milliseconds kShortCall = 200ms;

// set: a version of packr-guest, or "c".
[[nodiscard]] inline std::string package_guest(std::string_view set, std::string_view name) {
  return fmt::format("{}/tests/guests/packr/wasm/{}/{}.wasm", TENON_SOURCE_DIR, set, name);
}

// "11", "()", or the failure: "trap: b#pass: message".
[[nodiscard]] inline std::string describe_outcome(const CallResult<std::optional<Value>>& result) {
  if (result) return *result ? print_wave(**result) : "()";
  constexpr std::string_view kKinds[] = {"trap",        "open import", "deadline", "ended",
                                         "reentrance",  "engine",      "bad call", "guest error",
                                         "interrupted", "deadlock",    "remote",   "refused"};
  const CallFailure& failure = result.error();
  std::string text = fmt::format("{}: {}#{}: {}", kKinds[static_cast<std::size_t>(failure.kind)],
                                 failure.unit, failure.function, failure.message);
  for (const Diagnostic& problem : failure.problems)
    text += fmt::format("; {}: {}", problem.code, problem.message);
  return text;
}

// Each problem as "code: message; notes; hints".
[[nodiscard]] inline std::string whole_text(const Diagnostics& problems) {
  std::string text;
  for (const Diagnostic& problem : problems) {
    text += fmt::format("{}: {}", problem.code, problem.message);
    for (const Note& note : problem.notes) {
      text += fmt::format("; {}", note.text);
      for (const std::string& line : note.excerpt.lines) text += fmt::format(" | {}", line);
    }
    for (const Hint& hint : problem.hints) text += fmt::format("; {}", std::string(hint));
    text += '\n';
  }
  return text;
}

// A component like `adder`: returns the `double` of `math` plus one.
inline constexpr std::string_view kAdderComponent = R"((component
  (import "math" (instance $math (export "double" (func (param "n" s64) (result s64)))))
  (core func $double (canon lower (func $math "double")))
  (core module $code
    (import "math" "double" (func $double (param i64) (result i64)))
    (func (export "process") (param i64) (result i64)
      (i64.add (call $double (local.get 0)) (i64.const 1))))
  (core instance $i (instantiate $code
    (with "math" (instance (export "double" (func $double))))))
  (func (export "process") (param "n" s64) (result s64) (canon lift (core func $i "process")))))";

// The problems of the plan; empty if there are none.
[[nodiscard]] inline std::string problems_of_plan(CompositionBuilder& builder) {
  const Result<Plan> plan = builder.plan();
  return plan ? std::string() : whole_text(plan.error());
}

// Calls a function of a unit with values.
template <class... Values>
[[nodiscard]] std::string call_unit(const Composition& composition, std::string_view unit,
                                    std::string_view function, const Values&... values) {
  const Result<Unit> running_unit = composition.unit(unit);
  if (!running_unit) return whole_text(running_unit.error());
  return describe_outcome(running_unit->call(function, values...));
}

// Calls a function of a unit with arguments as text: "process", "(5)".
[[nodiscard]] inline std::string call_text_of(const Composition& composition, std::string_view unit,
                                              std::string_view text) {
  const Result<Unit> running_unit = composition.unit(unit);
  if (!running_unit) return whole_text(running_unit.error());
  const Result<WaveCall> call = parse_wave_call(text);
  if (!call) return whole_text(call.error());
  const Result<Function> function = running_unit->find_function(*call);
  if (!function) return whole_text(function.error());
  const Result<std::vector<Value>> arguments = parse_wave_arguments(*call, function->type());
  if (!arguments) return whole_text(arguments.error());
  return describe_outcome(function->call(*arguments));
}

}  // namespace tenon
