// Tells which files have changed.
//
//   FileWatch watch({"app.wasm", "tax.wasm"});
//   while (!watch.is_stopped())
//     for (const std::string& file : watch.wait(std::nullopt)) ...
//
// A file has changed if its content has: editors and compilers write in place, rename a new file over
// the old one, delete and create, and some of them write what was there. inotify says when to look;
// because it does not see every file system, files are also looked at every second.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <ctime>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "support/descriptor.h"

namespace tenon::cli {

// Thread: one at a time, unless a function says otherwise.
class FileWatch final {
 public:
  using Clock = std::chrono::steady_clock;

  FileWatch();
  FileWatch(const FileWatch&) = delete;
  FileWatch& operator=(const FileWatch&) = delete;

  // Sets the files to watch. Those that are new begin with their current content. They need not exist.
  void set_files(const std::vector<std::string>& files);
  // Waits until files have changed and then kept their content for a moment. Returns their names as they
  // were set; none if the time is over, or after `stop`. Missing and empty files have not changed.
  [[nodiscard]] std::vector<std::string> wait(std::optional<Clock::time_point> until);
  // The digest of the content that was last seen; empty if there was none. file: one of those set.
  [[nodiscard]] const std::string& digest(const std::string& file) const;

  // Ends the wait in progress, and all later ones. Thread: any.
  void stop();
  [[nodiscard]] bool is_stopped() const { return is_stopped_; }

 private:
  // Differs after every change of the content, and can be read without the content.
  struct Stamp {
    std::array<std::uint64_t, 3> file = {};  // device, inode and size; zeros: it does not exist
    std::array<std::int64_t, 4> times = {};  // of the content and of the inode

    bool operator==(const Stamp&) const = default;
  };
  struct File {
    Stamp stamp;
    std::string digest;
    bool is_pending = false;  // whether it has to be read
  };

  [[nodiscard]] static Stamp find_stamp(const std::string& path);
  void watch_folders();
  // Notes files with new stamps. Returns whether there are any.
  bool look();
  // Reads the pending files. Returns those with new content.
  [[nodiscard]] std::vector<std::string> read();
  // Sleeps until something may have happened, or the time is over.
  void sleep(std::optional<Clock::time_point> until);

  Descriptor events_;  // inotify; may not be open
  Descriptor wake_;
  std::map<std::string, File> files_;
  std::atomic<bool> is_stopped_ = false;
};

}  // namespace tenon::cli
