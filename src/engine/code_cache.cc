#include "engine/code_cache.h"

#include <fmt/core.h>
#include <unistd.h>

#include <utility>
#include <vector>

#include "engine/engine.h"
#include "engine/sha256.h"
#include "support/files.h"
#include "support/limits.h"
#include "support/try.h"

namespace tenon::engine {

namespace {

namespace fs = std::filesystem;

// Part of every key. Change it together with the layout of the files.
constexpr std::string_view kFormat = "tenon-code-3";
// The subject of warnings.
constexpr std::string_view kCachedCode = "the cached code";

}  // namespace

std::string code_key(const Engine& engine, std::string_view digest) {
  return sha256_hex(as_bytes(fmt::format("{} {} {}", kFormat, engine.fingerprint(), digest)));
}

std::string code_file_name(std::string_view key) { return fmt::format("{}.code", key); }

CodeCache::CodeCache(const fs::path& folder) {
  if (folder.empty()) return;
  Result<CacheFolder, std::string> opened = CacheFolder::open(folder);
  if (opened)
    folder_ = std::make_shared<const CacheFolder>(*std::move(opened));
  else
    warnings_.push_back(make_cache_warning(folder, "the code cache", opened.error()));
}

template <class Compiled>
std::optional<Compiled> CodeCache::find(const Engine& engine, std::string_view key,
                                        Diagnostics& warnings) const {
  if (folder_ == nullptr) return std::nullopt;
  const std::string name = code_file_name(key);
  const CacheFile file = folder_->read(name, kCachedCode, warnings);
  if (file.is_missing() || file.refusal()) return std::nullopt;
  // Without /proc, no path leads to the open file.
  const std::string path = file.path();
  Result<Compiled> code = ::access(path.c_str(), R_OK) == 0
                              ? Compiled::deserialize_trusted_file(engine, path)
                              : Compiled::deserialize_trusted(engine, file.content());
  if (!code) {
    warnings.push_back(
        make_cache_warning(folder_->path() / name, kCachedCode, code.error().front().message));
    return std::nullopt;
  }
  file.mark_used();
  return *std::move(code);
}

template <class Compiled>
void CodeCache::keep(const Compiled& code, std::string_view key, Diagnostics& warnings) const {
  if (folder_ == nullptr) return;
  const std::string name = code_file_name(key);
  const Result<std::vector<std::uint8_t>> image = code.serialize();
  const Refusal refusal = image ? folder_->write(name, *image) : image.error().front().message;
  if (refusal)
    warnings.push_back(make_cache_warning(folder_->path() / name, kCachedCode, *refusal));
}

void CodeCache::trim() const {
  if (folder_ != nullptr) folder_->trim(limits::kCodeCacheBytes);
}

#define TENON_CACHES(Compiled)                                                                    \
  template std::optional<Compiled> CodeCache::find(const Engine&, std::string_view, Diagnostics&) \
      const;                                                                                      \
  template void CodeCache::keep(const Compiled&, std::string_view, Diagnostics&) const;
TENON_CACHES(CompiledComponent)
TENON_CACHES(CompiledModule)
#undef TENON_CACHES

}  // namespace tenon::engine
