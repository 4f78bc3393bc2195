#include "engine/trim_folder.h"

#include <algorithm>
#include <system_error>
#include <vector>

namespace tenon::engine {

namespace fs = std::filesystem;

void mark_used(const fs::path& file) {
  std::error_code error;
  fs::last_write_time(file, fs::file_time_type::clock::now(), error);
}

void trim_folder(const fs::path& folder, std::uint64_t max_bytes, const fs::path& keep) {
  struct CachedFile {
    fs::file_time_type used;
    std::uint64_t bytes = 0;
    fs::path path;
  };
  std::vector<CachedFile> entries;
  std::uint64_t total = 0;
  std::error_code error;
  for (fs::directory_iterator next(folder, error), end; !error && next != end;
       next.increment(error)) {
    std::error_code gone;
    if (!next->is_regular_file(gone) || gone || next->is_symlink(gone)) continue;
    CachedFile entry{next->last_write_time(gone), next->file_size(gone), next->path()};
    if (gone) continue;
    total += entry.bytes;
    if (entry.path != keep) entries.push_back(std::move(entry));
  }
  std::sort(entries.begin(), entries.end(), [](const CachedFile& a, const CachedFile& b) {
    return a.used != b.used ? a.used < b.used : a.path < b.path;
  });
  for (const CachedFile& entry : entries) {
    if (total <= max_bytes) return;
    if (fs::remove(entry.path, error)) total -= entry.bytes;
  }
}

}  // namespace tenon::engine
