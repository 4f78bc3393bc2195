// A check followed by an open would be a race: between the two, another user could replace a folder
// or a link on the way. So the path is walked by hand, as the kernel would, but with a check at
// each step. `Walk` opens one part at a time with `openat` on the descriptor of the part before,
// never through a link (`O_NOFOLLOW`), and checks owner and mode on the open descriptor (`fstat`).
// A link is read and its target is put in front of the parts that are left. What the walk ends at
// is opened once more for reading, relative to the checked parent, and must be the same inode.
#include "support/safe_path.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <grp.h>
#include <pwd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

namespace tenon {

namespace {

// The limit of Linux.
constexpr int kMostLinks = 40;

// Buffer for one entry of the user or group database. A group that does not fit has many members,
// so it is not private.
using Room = std::array<char, 4096>;

std::string find_user_name(uid_t id) {
  Room room = {};
  struct passwd entry = {};
  struct passwd* user = nullptr;
  getpwuid_r(id, &entry, room.data(), room.size(), &user);
  return user != nullptr ? user->pw_name : fmt::format("{}", id);
}

std::string find_group_name(gid_t id) {
  Room room = {};
  struct group entry = {};
  struct group* match = nullptr;
  getgrgid_r(id, &entry, room.data(), room.size(), &match);
  return match != nullptr ? match->gr_name : fmt::format("{}", id);
}

// True if `group` is the primary group of the user, has the name of the user, and has no other
// members.
bool is_private_group_of(gid_t group, uid_t user) {
  Room user_room = {};
  struct passwd user_entry = {};
  struct passwd* owner = nullptr;
  getpwuid_r(user, &user_entry, user_room.data(), user_room.size(), &owner);
  if (owner == nullptr || owner->pw_gid != group) return false;
  Room group_room = {};
  struct group group_entry = {};
  struct group* match = nullptr;
  getgrgid_r(group, &group_entry, group_room.data(), group_room.size(), &match);
  const std::string_view name = owner->pw_name;
  if (match == nullptr || name != match->gr_name) return false;
  for (char** member = match->gr_mem; *member != nullptr; ++member)
    if (name != *member) return false;
  return true;
}

bool is_private_group(gid_t group) {
  return is_private_group_of(group, geteuid()) || is_private_group_of(group, 0);
}

UnsafePath system_error(int error) { return {.error = error}; }

// Walks one path from `/`.
class Walk final {
 public:
  Walk(const std::string& path, std::span<const std::string> trusted) : trusted_(trusted) {
    push(path);
  }

  Result<SafeFile, UnsafePath> open() {
    if (auto problem = enter_root()) return *std::move(problem);
    while (!rest_.empty()) {
      const std::string part = std::move(rest_.back());
      rest_.pop_back();
      if (auto problem = step(part)) return *std::move(problem);
    }
    return reopen();
  }

 private:
  // Adds the parts of a path in front of those that are left to walk.
  void push(std::string_view path) {
    while (!path.empty()) {
      const std::size_t slash = path.rfind('/');
      const std::string_view part = slash == path.npos ? path : path.substr(slash + 1);
      if (!part.empty() && part != ".") rest_.emplace_back(part);
      path = slash == path.npos ? std::string_view() : path.substr(0, slash);
    }
  }

  std::optional<UnsafePath> enter_root() {
    at_ = Descriptor(::open("/", O_PATH | O_DIRECTORY | O_CLOEXEC));
    path_.clear();
    if (!at_.is_open()) return system_error(errno);
    return check_entry(at_, "/");
  }

  // Enters one part of the path, or follows it if it is a link.
  std::optional<UnsafePath> step(const std::string& part) {
    Descriptor entry(::openat(at_.number(), part.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
    if (!entry.is_open()) return system_error(errno);
    if (part == "..") {
      path_.resize(path_.empty() ? 0 : path_.rfind('/'));
      at_ = std::move(entry);
      return std::nullopt;
    }
    const std::string entry_path = path_ + '/' + part;
    if (auto problem = check_entry(entry, entry_path)) return problem;
    if (S_ISLNK(status_.st_mode)) return follow(entry);
    parent_ = std::exchange(at_, std::move(entry));
    name_ = part;
    path_ = entry_path;
    return std::nullopt;
  }

  std::optional<UnsafePath> follow(const Descriptor& link) {
    if (++links_ > kMostLinks) return system_error(ELOOP);
    std::array<char, PATH_MAX> target = {};
    const ssize_t size = ::readlinkat(link.number(), "", target.data(), target.size());
    if (size < 0) return system_error(errno);
    const std::string_view text(target.data(), static_cast<std::size_t>(size));
    push(text);
    return text.starts_with('/') ? enter_root() : std::nullopt;
  }

  std::optional<UnsafePath> check_entry(const Descriptor& entry, const std::string& path) {
    if (::fstat(entry.number(), &status_) != 0) return system_error(errno);
    const bool is_trusted = std::ranges::any_of(
        trusted_, [&](const std::string& folder) { return is_in_folder(path, folder); });
    if (is_trusted || is_safe(status_)) return std::nullopt;
    return UnsafePath{.entry = path, .shown = show_entry(path, status_)};
  }

  // Opens the file or folder at the end of the walk for reading.
  Result<SafeFile, UnsafePath> reopen() {
    struct stat checked = {};
    if (::fstat(at_.number(), &checked) != 0) return system_error(errno);
    const bool is_folder = S_ISDIR(checked.st_mode);
    Descriptor file(::openat(is_folder ? at_.number() : parent_.number(),
                             is_folder ? "." : name_.c_str(),
                             O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC));
    if (!file.is_open() || ::fstat(file.number(), &status_) != 0) return system_error(errno);
    const bool is_same = status_.st_dev == checked.st_dev && status_.st_ino == checked.st_ino;
    if (!is_same) return system_error(ESTALE);
    return SafeFile{std::move(file), path_.empty() ? "/" : path_, status_};
  }

  std::span<const std::string> trusted_;
  std::vector<std::string> rest_;  // parts left to walk; the next one is the last
  Descriptor at_{-1};
  std::string path_;  // path of `at_`; empty for the root
  Descriptor parent_{-1};
  std::string name_;  // name of `at_` in `parent_`
  struct stat status_ = {};
  int links_ = 0;
};

}  // namespace

std::string describe_error(const UnsafePath& path) {
  if (path.error == ESTALE) return "it was replaced while it was being opened";
  return path.error == ENOENT ? "there is no such file"
                              : std::generic_category().message(path.error);
}

bool is_safe(const struct stat& status) {
  if (status.st_uid != 0 && status.st_uid != geteuid()) return false;
  // The mode of a link has no meaning.
  if (S_ISLNK(status.st_mode)) return true;
  if (S_ISDIR(status.st_mode) && (status.st_mode & S_ISVTX) != 0) return true;
  if ((status.st_mode & S_IWOTH) != 0) return false;
  return (status.st_mode & S_IWGRP) == 0 || is_private_group(status.st_gid);
}

std::string show_entry(const std::string& path, const struct stat& status) {
  std::string mode(1, S_ISDIR(status.st_mode) ? 'd' : S_ISLNK(status.st_mode) ? 'l' : '-');
  for (int shift = 6; shift >= 0; shift -= 3) {
    const unsigned bits = static_cast<unsigned>(status.st_mode) >> shift;
    mode += (bits & 4U) != 0 ? 'r' : '-';
    mode += (bits & 2U) != 0 ? 'w' : '-';
    mode += (bits & 1U) != 0 ? 'x' : '-';
  }
  return fmt::format("{} {} {} {}", mode, find_user_name(status.st_uid),
                     find_group_name(status.st_gid), path);
}

Result<SafeFile, UnsafePath> open_safe(const std::string& path,
                                       std::span<const std::string> trusted) {
  if (path.empty()) return system_error(ENOENT);
  if (path.front() == '/') return Walk(path, trusted).open();
  const std::unique_ptr<char, decltype(&std::free)> here(::getcwd(nullptr, 0), &std::free);
  if (here == nullptr) return system_error(errno);
  return Walk(fmt::format("{}/{}", here.get(), path), trusted).open();
}

bool is_in_folder(std::string_view path, std::string_view folder) {
  return folder == "/" ||
         (path.starts_with(folder) && (path.size() == folder.size() || path[folder.size()] == '/'));
}

std::string real_path(const std::string& path) {
  const std::unique_ptr<char, decltype(&std::free)> real(::realpath(path.c_str(), nullptr),
                                                         &std::free);
  return real != nullptr ? real.get() : "";
}

}  // namespace tenon
