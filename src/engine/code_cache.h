// A cache of compiled code in a folder of the user's, keyed by the content of the wasm binary and
// the engine.
//
//   const CodeCache cache(folder);
//   auto code = cache.find<CompiledComponent>(engine, key, warnings);   // none: compile it, then
//   cache.keep(*compiled, key, warnings);
//
// The folder can be lost or damaged at any time. If anything is wrong with it, there is a warning.
// cache_folder.h describes which files are trusted. Above limits::kCodeCacheBytes, the least
// recently used files are removed.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "engine/cache_folder.h"
#include "engine/code.h"
#include "engine/core_module.h"
#include "tenon/result.h"

namespace tenon::engine {

class Engine;

// The key of the code of a component or core module on `engine`: the hexadecimal SHA-256 of its
// digest and the engine's fingerprint.
// digest: the hexadecimal SHA-256 of its bytes.
[[nodiscard]] std::string code_key(const Engine& engine, std::string_view digest);

// The name of the file that holds the code of a key.
[[nodiscard]] std::string code_file_name(std::string_view key);

// Thread: any; processes and threads may share a folder.
class CodeCache final {
 public:
  // folder: created (mode 0700) with its parents if it is missing. Empty: no cache.
  explicit CodeCache(const std::filesystem::path& folder);

  // The folder, for other files that are kept beside the code; null without a cache.
  [[nodiscard]] const std::shared_ptr<const CacheFolder>& folder() const { return folder_; }
  // Why the folder cannot be used and nothing is cached: one `run-cache` warning or none.
  [[nodiscard]] const Diagnostics& warnings() const { return warnings_; }

  // The code that was kept under `key`, for an engine of the same fingerprint. None if it is missing
  // or, with a warning, if it cannot be used.
  // Compiled: CompiledComponent or CompiledModule, here and below.
  template <class Compiled>
  [[nodiscard]] std::optional<Compiled> find(const Engine& engine, std::string_view key,
                                             Diagnostics& warnings) const;

  // Removes the least recently used files above limits::kCodeCacheBytes. To be called after `keep`.
  void trim() const;

  // Keeps the code under `key`, or adds a warning. Does nothing without a cache.
  template <class Compiled>
  void keep(const Compiled& code, std::string_view key, Diagnostics& warnings) const;

 private:
  std::shared_ptr<const CacheFolder> folder_;
  Diagnostics warnings_;
};

}  // namespace tenon::engine
