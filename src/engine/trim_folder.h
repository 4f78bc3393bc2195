// Keeps a folder of files within a size: those used longest ago go first.
#pragma once

#include <cstdint>
#include <filesystem>

namespace tenon::engine {

// Says that the file was used now. Does nothing if it cannot.
void mark_used(const std::filesystem::path& file);

// Removes regular files of `folder`, by the time they were written or marked last, until the rest
// takes at most `max_bytes`. `keep` is never removed. What cannot be read or removed is left: other
// processes may do the same at the same time.
void trim_folder(const std::filesystem::path& folder, std::uint64_t max_bytes,
                 const std::filesystem::path& keep);

}  // namespace tenon::engine
