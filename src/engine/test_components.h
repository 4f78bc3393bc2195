// Small components, and functions that run them. For the tests of this folder.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/code.h"
#include "engine/code_cache.h"
#include "engine/engine.h"
#include "engine/linker.h"
#include "engine/sha256.h"
#include "engine/store.h"
#include "engine/wat.h"
#include "support/try.h"

namespace tenon::engine {

using Bytes = std::vector<std::uint8_t>;

inline constexpr EngineConfig kSync = {};
inline constexpr EngineConfig kAsync = {.concurrency = Concurrency::Yes, .metering = Metering::No};
inline constexpr EngineConfig kMetered = {.concurrency = Concurrency::No,
                                          .metering = Metering::Yes};

inline Bytes assemble(std::string_view text) {
  Result<Bytes> wasm = wat_to_wasm("test.wat", text);
  if (!wasm) {
    ADD_FAILURE() << wasm.error().front().message << ", line " << wasm.error().front().where.line;
    return {};
  }
  return *std::move(wasm);
}

inline Bytes read_bytes(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  EXPECT_TRUE(in) << path;
  return Bytes(std::istreambuf_iterator<char>(in), {});
}

// A command of WASI 0.2 whose `run` is the core instructions `body`, which leave 0 (ok) or 1 (err).
inline Bytes command(std::string_view body) {
  return assemble(R"((component
    (core module $code
      (func $run (export "run") (result i32) )" +
                  std::string(body) + R"())
    (core instance $core (instantiate $code))
    (func $run (result (result)) (canon lift (core func $core "run")))
    (instance $commands (export "run" (func $run)))
    (export "wasi:cli/run@0.2.3" (instance $commands))))");
}

// The end of a run, and its output.
struct RunResult {
  Result<CommandEnd, Failure> result = Failure{};
  std::string out = {};
  std::string err = {};

  [[nodiscard]] CommandEnd end() const {
    if (!result) ADD_FAILURE() << result.error().message;
    return result ? *result : CommandEnd{};
  }
  [[nodiscard]] Failure failure() const {
    if (result) ADD_FAILURE() << "it ended with exit code " << result->exit_code;
    return result ? Failure{} : result.error();
  }
};

inline RunResult failed(const Diagnostics& problems) {
  return RunResult{.result = Failure{.message = problems.front().message}};
}

inline RunResult run_code(const Engine& engine, Store& store, const CompiledComponent& code,
                          std::string_view interface) {
  Linker linker = Linker::make(engine);
  EXPECT_TRUE(linker.add_wasi());
  const Result<Instance, Failure> instance = linker.instantiate(store, code);
  if (!instance) return RunResult{.result = instance.error()};
  Result<CommandEnd, Failure> result = instance->run_command(store, interface);
  return {
      .result = std::move(result), .out = store.captured_stdout(), .err = store.captured_stderr()};
}

inline RunResult run_in(const Engine& engine, Store& store, std::span<const std::uint8_t> component,
                        std::string_view interface = "wasi:cli/run@0.2.3") {
  const Result<CompiledComponent> code = CompiledComponent::compile(engine, component);
  return code ? run_code(engine, store, *code, interface) : failed(code.error());
}

inline RunResult run(const EngineConfig& config, std::span<const std::uint8_t> component,
                     const StoreLimits& limits = {},
                     std::string_view interface = "wasi:cli/run@0.2.3") {
  const Result<Engine> engine = Engine::open(config);
  Grants grants;
  grants.stdio = Stdio::Capture;
  Result<Store> store = Store::open(*engine, grants, limits);
  return store ? run_in(*engine, *store, component, interface) : failed(store.error());
}

// A guest of tests/guests; see the README there.
inline Bytes guest(std::string_view name) {
  return read_bytes(std::filesystem::path(TENON_SOURCE_DIR) / "tests/guests/wasm" /
                    (std::string(name) + ".wasm"));
}

enum class CodeOrigin { Compiled, Cached };

template <class Compiled>
struct Cached {
  Compiled code;
  CodeOrigin origin = CodeOrigin::Compiled;
  Diagnostics warnings = {};  // of the cache
};

// Finds the code of `wasm`, or compiles and keeps it.
template <class Compiled>
Result<Cached<Compiled>> load_or_compile(const CodeCache& cache, const Engine& engine,
                                         std::span<const std::uint8_t> wasm) {
  Diagnostics warnings = cache.warnings();
  const std::string key = code_key(engine, sha256_hex(wasm));
  if (std::optional<Compiled> code = cache.find<Compiled>(engine, key, warnings))
    return Cached<Compiled>{*std::move(code), CodeOrigin::Cached, std::move(warnings)};
  TENON_TRY(Compiled code, Compiled::compile(engine, wasm));
  cache.keep(code, key, warnings);
  return Cached<Compiled>{std::move(code), CodeOrigin::Compiled, std::move(warnings)};
}

// Runs a guest of tests/guests. Its code is cached in the build folder, because each test is a
// separate process.
inline RunResult run_guest(const EngineConfig& config, std::string_view name, Grants grants,
                           std::string_view interface = "wasi:cli/run@0.2.12") {
  const Result<Engine> engine = Engine::open(config);
  const Result<Cached<CompiledComponent>> code = load_or_compile<CompiledComponent>(
      CodeCache(std::filesystem::path(TENON_BINARY_DIR) / "test_code"), *engine, guest(name));
  if (!code) return failed(code.error());
  grants.stdio = Stdio::Capture;
  Result<Store> store = Store::open(*engine, grants);
  return store ? run_code(*engine, *store, code->code, interface) : failed(store.error());
}

inline void write_text(const std::filesystem::path& path, std::string_view text) {
  std::ofstream(path, std::ios::binary) << text;
}

}  // namespace tenon::engine
