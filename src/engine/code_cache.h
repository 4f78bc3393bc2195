// A cache of compiled code in a folder of the user's, keyed by the content of the wasm binary and
// the engine.
//
//   const CodeCache cache(folder);
//   TENON_TRY(CachedCode cached, cache.load_or_compile(engine, bytes));
//
// The folder can be lost or damaged at any time. If anything is wrong with it, the binary is
// compiled and the problem becomes a warning. cache_folder.h describes which files are trusted.
// Above limits::kCodeCacheBytes, the least recently used files are removed.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "engine/cache_folder.h"
#include "engine/code.h"
#include "engine/core_module.h"
#include "tenon/result.h"

namespace tenon::engine {

class Engine;

enum class CodeOrigin { Compiled, Cached };

template <class Compiled>
struct Cached {
  Compiled code;
  CodeOrigin origin = CodeOrigin::Compiled;
  std::string key;  // for `find_code`; empty without a cache
  // `run-cache` warnings: the reasons why the cache was not read or not written.
  Diagnostics warnings;
};

using CachedCode = Cached<CompiledComponent>;
using CachedModule = Cached<CompiledModule>;

// Name of the cache file for a component or core module on `engine`: the hexadecimal SHA-256 of its
// bytes and the engine's fingerprint, with the suffix ".code".
[[nodiscard]] std::string code_file_name(const Engine& engine, std::span<const std::uint8_t> wasm);

// Thread: any; processes and threads may share a folder.
class CodeCache final {
 public:
  // folder: created (mode 0700) with its parents if it is missing. Empty: no cache and no warning.
  //         If the folder cannot be used, nothing is cached and each result has a warning.
  explicit CodeCache(const std::filesystem::path& folder);

  // The folder, for other files that are kept beside the code; null without a cache.
  [[nodiscard]] const CacheFolder* folder() const { return folder_ ? &*folder_ : nullptr; }

  // Loads the code of `component` from the cache, or compiles it and stores it there.
  // Errors: those of `CompiledComponent::compile`; problems of the cache are only warnings.
  [[nodiscard]] Result<CachedCode> load_or_compile(const Engine& engine,
                                                   std::span<const std::uint8_t> component) const;
  // The same for a core module. Errors: those of `CompiledModule::compile`.
  [[nodiscard]] Result<CachedModule> load_or_compile_module(
      const Engine& engine, std::span<const std::uint8_t> module) const;

  // The code that `load_or_compile` stored under `key`, for an engine of the same fingerprint; none
  // if it is missing or cannot be used.
  [[nodiscard]] std::optional<CompiledComponent> find_code(const Engine& engine,
                                                           std::string_view key) const;

 private:
  template <class Compiled>
  [[nodiscard]] Result<Cached<Compiled>> load(const Engine& engine,
                                              std::span<const std::uint8_t> wasm) const;

  std::optional<CacheFolder> folder_;
  Diagnostics warnings_;  // the reason why the folder cannot be used
};

}  // namespace tenon::engine
