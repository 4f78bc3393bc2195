#include "tenon/cache.h"

#include <filesystem>
#include <string>
#include <system_error>

#include "engine/cache_folder.h"
#include "support/diagnostics.h"
#include "support/limits.h"
#include "support/try.h"

namespace tenon {

namespace {

namespace fs = std::filesystem;

CacheUse& use_of(const std::string& name, CacheInfo& info) {
  if (name.ends_with(".code")) return info.code;
  if (name.ends_with(".unit")) return info.units;
  if (name.ends_with(".link") || name.ends_with(".files")) return info.links;
  return info.other;
}

Result<CacheInfo> visit(std::string_view folder, const auto& on_file) {
  CacheInfo info;
  info.max_bytes = limits::kCodeCacheBytes;
  std::error_code failed;
  if (!fs::exists(fs::path(folder), failed) && !failed) return info;
  const Result<engine::CacheFolder, std::string> opened = engine::CacheFolder::open(folder);
  if (!opened) {
    Diagnostic problem =
        make_diagnostic(Code::RunCache, "the cache `{}` is not used: {}", folder, opened.error());
    problem.severity = Severity::Error;
    problem.hints.push_back(
        fmt::format("`chmod 700 {}` if it is yours; otherwise remove it", folder));
    return problem;
  }
  for (const engine::CacheFolder::Entry& entry : opened->list()) {
    if (!on_file(*opened, entry)) continue;
    CacheUse& use = use_of(entry.name, info);
    ++use.files;
    use.bytes += entry.bytes;
  }
  return info;
}

}  // namespace

CacheUse CacheInfo::total() const {
  CacheUse all;
  for (const CacheUse* use : {&code, &units, &links, &other}) {
    all.files += use->files;
    all.bytes += use->bytes;
  }
  return all;
}

Result<CacheInfo> inspect_cache(std::string_view folder) {
  return visit(folder, [](const auto&, const auto&) { return true; });
}

Result<CacheInfo> clean_cache(std::string_view folder) {
  return visit(folder,
               [](const engine::CacheFolder& opened, const engine::CacheFolder::Entry& entry) {
                 return opened.remove(entry.name);
               });
}

}  // namespace tenon
