// For tests of the bundles in bundles/: runs a guest of tests/guests/bundles with one of them.
#pragma once

#include <fmt/core.h>

#include <chrono>
#include <cstdlib>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tenon/builder.h"
#include "tenon/composition.h"
#include "tenon/value.h"

namespace tenon {

[[nodiscard]] inline std::string bundle_folder(std::string_view name) {
  return fmt::format("{}/bundles/{}", TENON_BINARY_DIR, name);
}

[[nodiscard]] inline std::string bundle_guest(std::string_view name) {
  return fmt::format("{}/tests/guests/bundles/wasm/{}.wasm", TENON_SOURCE_DIR, name);
}

[[nodiscard]] inline std::string problems_text(const Diagnostics& problems) {
  std::string text;
  for (const Diagnostic& problem : problems)
    text += fmt::format("{}: {}\n", problem.code, problem.message);
  return text;
}

using BundleConfig = std::vector<std::pair<std::string, std::string>>;

// The guest as `app`, the bundle as `host`.
[[nodiscard]] inline CompositionBuilder bundle_app(std::string_view guest, std::string_view bundle,
                                                   const BundleConfig& config) {
  CompositionBuilder builder;
  builder.add_component("app", bundle_guest(guest));
  builder.add_host_bundle("host", bundle_folder(bundle));
  for (const auto& [key, value] : config) builder.set_host_config("host", key, value);
  // A variant of all tests of bundles: cmake/tenon_tests.cmake.
  if (std::getenv("TENON_BUNDLE_PROCESSES") != nullptr) builder.run_in_process("host");
  return builder;
}

// Starts a composition; the test fails if it does not start.
[[nodiscard]] inline Composition start_bundle_app(CompositionBuilder builder) {
  Result<Composition> built = builder.build();
  if (!built) throw std::runtime_error(problems_text(built.error()));
  return *std::move(built);
}

[[nodiscard]] inline Composition start_bundle_app(std::string_view guest, std::string_view bundle,
                                                  const BundleConfig& config = {}) {
  return start_bundle_app(bundle_app(guest, bundle, config));
}

// Why it does not start; empty if it does.
[[nodiscard]] inline std::string refused_start(std::string_view guest, std::string_view bundle,
                                               const BundleConfig& config) {
  const Result<Composition> built = bundle_app(guest, bundle, config).build();
  return built ? std::string() : problems_text(built.error());
}

// The result of a call as text: the text that it returned, another value in WAVE, "ok", "error
// KIND: MESSAGE (at POSITION)", or "failed: .." if the call did not return.
[[nodiscard]] inline std::string result_text(const CallResult<std::optional<Value>>& returned) {
  if (!returned) return fmt::format("failed: {}", failure_diagnostic(returned.error()).message);
  if (!*returned) return "ok";
  const auto* const result = (*returned)->get_if<ValueResult>();
  const Value* const value = result == nullptr ? &**returned : result->payload.get();
  if (value == nullptr) return "ok";
  if (result == nullptr || result->is_ok) {
    const auto* const text = value->get_if<std::string>();
    return text != nullptr ? *text : print_wave(*value);
  }
  const auto* const error = value->get_if<ValueRecord>();
  if (error == nullptr) return fmt::format("error {}", print_wave(*value));
  std::string text = fmt::format("error {}: {}", print_wave(*error->find("kind")),
                                 *error->find("message")->get_if<std::string>());
  const Value* const position = error->find("position");
  if (position != nullptr && position->get_if<ValueOption>()->payload.get() != nullptr)
    text += fmt::format(" (at {})", print_wave(*position->get_if<ValueOption>()->payload.get()));
  return text;
}

// app: a Composition, or one of its Units.
[[nodiscard]] inline std::string call_app(const auto& app, std::string_view function,
                                          const std::vector<Value>& arguments) {
  const Result<WaveCall> name = parse_wave_call(fmt::format("{}()", function));
  const Result<Function> exported = name ? app.find_function(*name) : name.error();
  if (!exported) return fmt::format("none: {}", problems_text(exported.error()));
  return result_text(exported->call(arguments));
}

}  // namespace tenon
