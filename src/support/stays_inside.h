// Paths that others wrote, within a folder of theirs.
#pragma once

#include <string_view>

namespace tenon {

// Whether a relative path stays within the folder that it begins in. No link is followed.
[[nodiscard]] bool stays_inside(std::string_view path);

}  // namespace tenon
