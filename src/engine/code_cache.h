// Compiled code, kept in a folder of the user's by the content that it was compiled from.
//
// The folder may be lost or damaged at any time: whatever is wrong with it, the component or module
// is compiled and the problem becomes a warning. cache_folder.h says what a file must be to be
// used. Above limits::kCodeCacheBytes, the files used longest ago are removed.
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
  // `run-cache` warnings: why the cache was not read or not written.
  Diagnostics warnings;
};

using CachedCode = Cached<CompiledComponent>;
using CachedModule = Cached<CompiledModule>;

// Name of the file that holds the code of a component or core module for `engine`: SHA-256 over its
// bytes and the engine's fingerprint, in hexadecimal, with the suffix ".code".
[[nodiscard]] std::string code_file_name(const Engine& engine, std::span<const std::uint8_t> wasm);

// Thread: any; processes and threads may share a folder.
class CodeCache final {
 public:
  // folder: made (0700) with its parents if it is missing; empty: no cache, no warning. If it
  // cannot be used, nothing is cached, and what is compiled comes with a warning.
  explicit CodeCache(const std::filesystem::path& folder);

  // The folder, for other files that are kept beside the code; null: there is none.
  [[nodiscard]] const CacheFolder* folder() const { return folder_ ? &*folder_ : nullptr; }

  // Takes the code of `component` from the cache, or compiles it and leaves it there.
  // Errors: those of `CompiledComponent::compile`. Never one of the cache.
  [[nodiscard]] Result<CachedCode> load_or_compile(const Engine& engine,
                                                   std::span<const std::uint8_t> component) const;
  // The same for a core module. Errors: those of `CompiledModule::compile`.
  [[nodiscard]] Result<CachedModule> load_or_compile_module(
      const Engine& engine, std::span<const std::uint8_t> module) const;

  // The code that was kept under a key of `load_or_compile`, for an engine of the same fingerprint;
  // none if it is not there or cannot be used.
  [[nodiscard]] std::optional<CompiledComponent> find_code(const Engine& engine,
                                                           std::string_view key) const;

 private:
  template <class Compiled>
  [[nodiscard]] Result<Cached<Compiled>> load(const Engine& engine,
                                              std::span<const std::uint8_t> wasm) const;

  std::optional<CacheFolder> folder_;
  Diagnostics warnings_;  // why there is no folder
};

}  // namespace tenon::engine
