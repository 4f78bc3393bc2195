#include "database_path.h"

#include <stdexcept>
#include <system_error>
#include <utility>

namespace sql_adapter {

namespace fs = std::filesystem;

namespace {

tenon::unexpected<sql::error> refuse(std::string_view path, std::string_view why) {
  std::string message = "`";
  message.append(path).append("` cannot be opened: ").append(why);
  return tenon::unexpected(make_error(sql::error_kind::denied, std::move(message)));
}

// Absolute ones, and those with `.`, `..` or nothing between two `/`, are no places in a folder.
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
    return refuse(path.substr(0, path.find(char{})), "a path has no NUL in it");
  if (!is_plain(path)) return refuse(path, "it is to be the path of a file in the bundle's folder");
  fs::path place = *folder / path;
  std::error_code error;
  // Where it leads if links are followed. One that leads nowhere is a link too.
  if (fs::weakly_canonical(place, error) != place || error ||
      fs::is_symlink(fs::symlink_status(place, error)))
    return refuse(path, "it leads through a link, or its folder cannot be looked at");
  if (!fs::is_directory(place.parent_path(), error))
    return refuse(path, "the folder that it lies in is not there");
  if (fs::exists(place, error) && !fs::is_regular_file(place, error))
    return refuse(path, "it is not a file");
  return place;
}

}  // namespace sql_adapter
