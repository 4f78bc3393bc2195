#include "engine/code_cache.h"

#include <optional>
#include <utility>
#include <vector>

#include "engine/engine.h"
#include "support/diagnostics.h"
#include "support/files.h"
#include "support/limits.h"
#include "support/sha256.h"
#include "support/try.h"

namespace tenon::engine {

namespace {

namespace fs = std::filesystem;

// Part of every key. Change it together with the layout of the files.
constexpr std::string_view kFormat = "tenon-code-3";

std::string key_of(const Engine& engine, std::span<const std::uint8_t> wasm) {
  const std::string text = fmt::format("{} {} {}", kFormat, engine.fingerprint(), sha256_hex(wasm));
  return sha256_hex(as_bytes(text));
}

std::string file_name(std::string_view key) { return fmt::format("{}.code", key); }

Diagnostic make_warning(const fs::path& path, std::string_view what, std::string_view why) {
  Diagnostic warning =
      make_diagnostic(Code::RunCache, "{} `{}` is not used: {}", what, path.string(), why);
  warning.where.file = path.string();
  return warning;
}

// The code in the cache, or none. Adds a warning if the file exists but cannot be used.
template <class Compiled>
std::optional<Compiled> find_file(const Engine& engine, const CacheFolder& folder,
                                  std::string_view key, Diagnostics& warnings) {
  const std::string name = file_name(key);
  const CacheFile file = folder.read(name);
  if (file.is_missing()) return std::nullopt;
  const auto warn = [&](std::string_view why) {
    warnings.push_back(make_warning(folder.path() / name, "the cached code", why));
    return std::nullopt;
  };
  if (file.refusal()) return warn(*file.refusal());
  Result<Compiled> code = Compiled::deserialize_trusted_file(engine, file.path());
  if (!code) return warn(code.error().front().message);
  file.mark_used();
  return *std::move(code);
}

void keep_code(const auto& code, const CacheFolder& folder, std::string_view key,
               Diagnostics& warnings) {
  const std::string name = file_name(key);
  const Result<std::vector<std::uint8_t>> image = code.serialize();
  const Refusal refusal = image ? folder.write(name, *image) : image.error().front().message;
  if (refusal) warnings.push_back(make_warning(folder.path() / name, "the cached code", *refusal));
  folder.trim(limits::kCodeCacheBytes, name);
}

}  // namespace

std::string code_file_name(const Engine& engine, std::span<const std::uint8_t> wasm) {
  return file_name(key_of(engine, wasm));
}

CodeCache::CodeCache(const fs::path& folder) {
  if (folder.empty()) return;
  Result<CacheFolder, std::string> opened = CacheFolder::open(folder);
  if (opened)
    folder_ = *std::move(opened);
  else
    warnings_.push_back(make_warning(folder, "the code cache", opened.error()));
}

template <class Compiled>
Result<Cached<Compiled>> CodeCache::load(const Engine& engine,
                                         std::span<const std::uint8_t> wasm) const {
  Diagnostics warnings = warnings_;
  const std::string key = folder_ ? key_of(engine, wasm) : std::string();
  if (folder_) {
    std::optional<Compiled> code = find_file<Compiled>(engine, *folder_, key, warnings);
    if (code)
      return Cached<Compiled>{*std::move(code), CodeOrigin::Cached, key, std::move(warnings)};
  }
  TENON_TRY(Compiled code, Compiled::compile(engine, wasm));
  if (folder_) keep_code(code, *folder_, key, warnings);
  return Cached<Compiled>{std::move(code), CodeOrigin::Compiled, key, std::move(warnings)};
}

Result<CachedCode> CodeCache::load_or_compile(const Engine& engine,
                                              std::span<const std::uint8_t> component) const {
  return load<CompiledComponent>(engine, component);
}

Result<CachedModule> CodeCache::load_or_compile_module(const Engine& engine,
                                                       std::span<const std::uint8_t> module) const {
  return load<CompiledModule>(engine, module);
}

std::optional<CompiledComponent> CodeCache::find_code(const Engine& engine,
                                                      std::string_view key) const {
  if (!folder_) return std::nullopt;
  Diagnostics unused;
  return find_file<CompiledComponent>(engine, *folder_, key, unused);
}

}  // namespace tenon::engine
