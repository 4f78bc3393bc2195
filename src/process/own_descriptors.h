// The descriptors of tenon in the process of a bundle. Native code can close them, for example with closefrom(3), or
// twice close a number that tenon has got meanwhile. Without them, the process could neither answer a call nor notice
// the end of its parent, and its reactor would spin or sleep forever.
#pragma once

#include <poll.h>
#include <sys/types.h>

#include <vector>

namespace tenon::process {

class OwnDescriptors final {
 public:
  // Those that are open. They were opened one after another, so they have the lowest numbers from `first` on.
  explicit OwnDescriptors(int first);

  // Whether all of them are open. As fast as it can be: it is asked after each function. Thread: one at a time.
  [[nodiscard]] bool are_open();
  // Whether all of them are open, and no number belongs to another file. Thread: any.
  [[nodiscard]] bool are_the_same() const;

 private:
  struct File {
    int number;
    dev_t device;
    ino_t node;
  };

  std::vector<pollfd> polled_;
  std::vector<File> files_;
};

}  // namespace tenon::process
