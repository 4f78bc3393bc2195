// Which files a guest may open as databases.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "sql_error.h"

namespace sql_adapter {

inline constexpr std::string_view kInMemory = ":memory:";

// The folder that a bundle is configured with, without links.
// Throws: there is none, which is why the bundle cannot start.
[[nodiscard]] std::filesystem::path find_folder(std::string_view configured);

// Where the path of a guest leads: a place in `folder`, which has no links in it. The file need not
// be there.
// Errors: denied.
[[nodiscard]] tenon::expected<std::filesystem::path, sql::error> find_database(
    std::string_view path, const std::optional<std::filesystem::path>& folder);

}  // namespace sql_adapter
