// Compiled code, kept in a folder of the user's by the content it was compiled from.
//
// The folder may be lost or damaged at any time: whatever is wrong with it, the component or module
// is compiled and the problem becomes a warning. Cached bytes run as machine code of this process,
// so a file is used only if no other user can have written it: the folder and the file must belong
// to this user, the folder must be 0700 and the file a regular one of 0600 (owned_file.h), and its
// header and trailer must be whole. Files are written aside, flushed and renamed. Above
// limits::kCodeCacheBytes, those used longest ago are removed.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>

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
  std::string key;  // for `find_code` and `find_module`; empty without a cache
  // `run-cache` warnings: why the cache was not read or not written.
  Diagnostics warnings;
};

using CachedCode = Cached<CompiledComponent>;
using CachedModule = Cached<CompiledModule>;

// Name of the file that holds the code of a component or core module for `engine`: SHA-256 over its
// bytes and the engine's fingerprint, in hexadecimal, with the suffix ".code".
[[nodiscard]] std::string code_file_name(const Engine& engine, std::span<const std::uint8_t> wasm);

// Takes the code of `component` from `folder`, or compiles it and leaves it there.
// folder: made (0700) with its parents if it is missing; an empty path: no cache, no warning.
// Errors: those of `CompiledComponent::compile`. Never one of the cache.
// Thread: any; processes and threads may share a folder.
[[nodiscard]] Result<CachedCode> load_or_compile(const Engine& engine,
                                                 std::span<const std::uint8_t> component,
                                                 const std::filesystem::path& folder);

// The same for a core module. Errors: those of `CompiledModule::compile`.
[[nodiscard]] Result<CachedModule> load_or_compile_module(const Engine& engine,
                                                          std::span<const std::uint8_t> module,
                                                          const std::filesystem::path& folder);

// The code that was kept under a key of `load_or_compile`, for an engine of the same fingerprint;
// none if it is not there or cannot be used. REQUIRES: `open_owned_folder` took the folder.
[[nodiscard]] std::optional<CompiledComponent> find_code(const Engine& engine,
                                                         const std::filesystem::path& folder,
                                                         std::string_view key);

// The same for a key of `load_or_compile_module`.
[[nodiscard]] std::optional<CompiledModule> find_module(const Engine& engine,
                                                        const std::filesystem::path& folder,
                                                        std::string_view key);

}  // namespace tenon::engine
