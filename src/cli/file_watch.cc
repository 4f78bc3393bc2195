#include "cli/file_watch.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <utility>

#include "engine/sha256.h"
#include "support/files.h"
#include "support/limits.h"

namespace tenon::cli {

namespace {

constexpr std::chrono::milliseconds kLook{1000};  // between two looks without an event
// The time in which a file must keep its content, and in which changes of several files belong together.
constexpr std::chrono::milliseconds kSettle{10};
constexpr std::size_t kEventBytes = 16384;  // read at once

std::string folder_of(const std::string& path) {
  std::string folder = std::filesystem::path(path).parent_path().string();
  return folder.empty() ? "." : folder;
}

// The digest of a file's content; empty if it is empty or cannot be read.
std::string read_digest(const std::string& path) {
  const Result<Bytes> content = RealFiles().read(path, limits::kFileBytes, NamedBy::File);
  return content && !content->empty() ? engine::sha256_hex(*content) : std::string();
}

}  // namespace

FileWatch::FileWatch()
    : events_(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC)),
      wake_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {}

FileWatch::Stamp FileWatch::find_stamp(const std::string& path) {
  struct stat found = {};
  if (::stat(path.c_str(), &found) != 0 || !S_ISREG(found.st_mode)) return {};
  return {.file = {found.st_dev, found.st_ino, static_cast<std::uint64_t>(found.st_size)},
          .times = {found.st_mtim.tv_sec, found.st_mtim.tv_nsec, found.st_ctim.tv_sec,
                    found.st_ctim.tv_nsec}};
}

void FileWatch::set_files(const std::vector<std::string>& files) {
  std::map<std::string, File> watched;
  for (const std::string& path : files) {
    if (const auto known = files_.find(path); known != files_.end()) {
      watched.insert(*known);
      continue;
    }
    // The stamp first: a change between the two is noticed.
    const Stamp stamp = find_stamp(path);
    watched.emplace(path, File{.stamp = stamp, .digest = read_digest(path)});
  }
  files_ = std::move(watched);
  watch_folders();
}

void FileWatch::watch_folders() {
  if (!events_.is_open()) return;
  // Adding a folder again does nothing, unless it is another one: compilers delete whole folders.
  for (const auto& [path, file] : files_)
    (void)::inotify_add_watch(events_.number(), folder_of(path).c_str(),
                              IN_CLOSE_WRITE | IN_MODIFY | IN_MOVED_TO | IN_CREATE | IN_ATTRIB);
}

bool FileWatch::look() {
  bool is_new = false;
  for (auto& [path, file] : files_) {
    const Stamp stamp = find_stamp(path);
    if (stamp == file.stamp) continue;
    file.stamp = stamp;
    file.is_pending = true;
    is_new = true;
  }
  if (is_new) watch_folders();
  return is_new;
}

std::vector<std::string> FileWatch::read() {
  std::vector<std::string> changed;
  for (auto& [path, file] : files_) {
    if (!std::exchange(file.is_pending, false)) continue;
    std::string digest = read_digest(path);
    if (digest.empty() || digest == file.digest) continue;
    file.digest = std::move(digest);
    changed.push_back(path);
  }
  return changed;
}

void FileWatch::sleep(std::optional<Clock::time_point> until) {
  std::chrono::milliseconds time = kLook;
  if (until)
    time = std::clamp(std::chrono::ceil<std::chrono::milliseconds>(*until - Clock::now()),
                      std::chrono::milliseconds(0), kLook);
  std::array<pollfd, 2> polled = {pollfd{events_.number(), POLLIN, 0},
                                  pollfd{wake_.number(), POLLIN, 0}};
  (void)::poll(polled.data(), polled.size(), static_cast<int>(time.count()));
  // The stamps say what has changed.
  std::array<char, kEventBytes> events;
  while (events_.is_open() && ::read(events_.number(), events.data(), events.size()) > 0) {
  }
}

std::vector<std::string> FileWatch::wait(std::optional<Clock::time_point> until) {
  std::optional<Clock::time_point> settled;
  while (!is_stopped_) {
    if (look()) settled = Clock::now() + kSettle;
    if (settled && Clock::now() >= *settled) {
      settled.reset();
      if (std::vector<std::string> changed = read(); !changed.empty()) return changed;
    }
    if (until && Clock::now() >= *until) break;
    sleep(settled && (!until || *settled < *until) ? settled : until);
  }
  return {};
}

const std::string& FileWatch::digest(const std::string& file) const {
  return files_.at(file).digest;
}

void FileWatch::stop() {
  is_stopped_ = true;
  (void)::eventfd_write(wake_.number(), 1);
}

}  // namespace tenon::cli
