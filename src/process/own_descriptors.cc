#include "process/own_descriptors.h"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>

namespace tenon::process {

namespace {

constexpr int kMostNumbers = 64;

}  // namespace

OwnDescriptors::OwnDescriptors(int first) {
  for (int number = first; number < kMostNumbers; ++number) {
    struct stat status = {};
    if (::fstat(number, &status) != 0) continue;
    polled_.push_back({.fd = number, .events = 0, .revents = 0});
    files_.push_back({number, status.st_dev, status.st_ino});
  }
}

bool OwnDescriptors::are_open() {
  if (::poll(polled_.data(), polled_.size(), 0) <= 0) return true;
  return std::ranges::none_of(polled_,
                              [](const pollfd& one) { return (one.revents & POLLNVAL) != 0; });
}

bool OwnDescriptors::are_the_same() const {
  return std::ranges::all_of(files_, [](const File& file) {
    struct stat status = {};
    if (::fstat(file.number, &status) != 0) return errno != EBADF;
    return status.st_dev == file.device && status.st_ino == file.node;
  });
}

}  // namespace tenon::process
