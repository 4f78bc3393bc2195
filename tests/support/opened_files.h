// Notices which of some files are opened.
#pragma once

#include <sys/inotify.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <map>
#include <set>
#include <string>

namespace tenon {

class OpenedFiles final {
 public:
  OpenedFiles() : watch_(::inotify_init1(IN_NONBLOCK)) {}
  OpenedFiles(const OpenedFiles&) = delete;
  OpenedFiles& operator=(const OpenedFiles&) = delete;
  ~OpenedFiles() { ::close(watch_); }

  void add(const std::string& name, const std::string& path) {
    names_[::inotify_add_watch(watch_, path.c_str(), IN_OPEN)] = name;
  }
  // The names of the files that were opened since the last call.
  std::set<std::string> take() {
    std::set<std::string> opened;
    std::array<char, 4096> buffer = {};
    for (ssize_t size = 0; (size = ::read(watch_, buffer.data(), buffer.size())) > 0;)
      for (ssize_t at = 0; at < size;) {
        inotify_event event = {};
        std::memcpy(&event, buffer.data() + at, sizeof event);
        opened.insert(names_[event.wd]);
        at += static_cast<ssize_t>(sizeof event + event.len);
      }
    return opened;
  }

 private:
  int watch_;
  std::map<int, std::string> names_;
};

}  // namespace tenon
