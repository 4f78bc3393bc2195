// The cache of compiled code: a folder that `BuildOptions::cache_dir` names. Builds fill and bound it
// by themselves; these functions show and clean it.
//
// The folder is used only if it belongs to the effective user with mode 0700, and no other user can
// change the folders above it. Each file is checked before it is used. A folder or a file that fails
// a check is ignored, and the build reports a `run-cache` warning.
//
// Thread: any. Processes can use, show and clean a folder at the same time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "tenon/result.h"

namespace tenon {

// The number and size of the files of one kind.
struct CacheUse {
  std::size_t files = 0;
  std::uint64_t bytes = 0;
};

struct CacheInfo {
  CacheUse code;   // compiled core modules and components
  CacheUse units;  // the types of units
  CacheUse links;  // plans of compositions, and which files they were made from
  CacheUse other;  // temporary files of processes that were killed
  // If the total is larger, a build removes the least recently used files.
  std::uint64_t max_bytes = 0;

  [[nodiscard]] CacheUse total() const;
};

// Returns the contents of a cache by kind. A folder that does not exist is an empty cache.
// Errors: run-cache (the folder cannot be used, with the reason).
[[nodiscard]] Result<CacheInfo> inspect_cache(std::string_view folder);

// Removes all files of a cache, and returns their number and size. The folder stays. Running
// compositions are not affected. Errors: as inspect_cache.
[[nodiscard]] Result<CacheInfo> clean_cache(std::string_view folder);

}  // namespace tenon
