#include "sql_adapter.h"

#include <stdexcept>
#include <system_error>

namespace sql_adapter {

namespace fs = std::filesystem;

namespace {

tenon::unexpected<sql::error> refuse(std::string_view path, std::string_view why) {
  std::string message = "`";
  message.append(path).append("` cannot be opened: ").append(why);
  return tenon::unexpected(make_error(sql::error_kind::denied, std::move(message)));
}

// Whether each part of the path is a name: absolute paths, and those with `.`, `..` or `//`, could
// leave the folder.
bool is_plain(std::string_view path) {
  while (true) {
    const std::size_t end = path.find('/');
    const std::string_view part = path.substr(0, end);
    if (part.empty() || part == "." || part == "..") return false;
    if (end == std::string_view::npos) return true;
    path.remove_prefix(end + 1);
  }
}

}  // namespace

fs::path find_folder(std::string_view configured) {
  std::error_code error;
  fs::path folder = fs::canonical(configured, error);
  if (error || !fs::is_directory(folder, error))
    throw std::runtime_error("`folder` is `" + std::string(configured) +
                             "`, and there is no such folder");
  return folder;
}

tenon::expected<fs::path, sql::error> find_database(std::string_view path,
                                                    const std::optional<fs::path>& folder) {
  if (!folder)
    return refuse(path, "the bundle is not configured with a `folder` that guests may use");
  if (path.find(char{}) != std::string_view::npos)
    return refuse(path.substr(0, path.find(char{})), "a path cannot contain a NUL");
  if (!is_plain(path))
    return refuse(path, "expected the path of a file relative to the bundle's `folder`");
  fs::path place = *folder / path;
  std::error_code error;
  // A path without links is its own canonical form. The second check is for a link at the end that
  // leads nowhere, which weakly_canonical leaves as it is.
  if (fs::weakly_canonical(place, error) != place || error ||
      fs::is_symlink(fs::symlink_status(place, error)))
    return refuse(path, "it contains a symbolic link, or its folder cannot be read");
  if (!fs::is_directory(place.parent_path(), error))
    return refuse(path, "its folder does not exist");
  if (fs::exists(place, error) && !fs::is_regular_file(place, error))
    return refuse(path, "it is not a file");
  return place;
}

}  // namespace sql_adapter
