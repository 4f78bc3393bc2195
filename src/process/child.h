// A process that this one starts for a host bundle.
//
// The two share a socket of SOCK_SEQPACKET. Over it the parent passes sockets, one for each connection
// (remote/passed_socket.h), and the child sends last words: why it cannot start, or ends itself. Each ends
// when the other closes it, so the child ends with its parent, however that ended. PR_SET_PDEATHSIG would
// not do: it means the thread that started the child, and not its process. It only wakes a child that is stopped.
//
// Thread: one at a time.
#pragma once

#include <signal.h>
#include <sys/types.h>
#include <unistd.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>

#include "support/descriptor.h"
#include "tenon/result.h"

namespace tenon::process {

class Child final {
 public:
  // Starts a program with the environment of this process. It has the descriptors of setup.h and standard
  // output and error of this process, and no others. name: its second argument. Errors: a sentence.
  [[nodiscard]] static Result<std::unique_ptr<Child>, std::string> start(
      const std::string& program, const std::string& name, std::span<const std::uint8_t> setup);
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  // Ends it as `end` does. A copy of this process (fork) only closes its own sockets: the child is not its own.
  ~Child();

  // A connection to it. Closed if there is none; then errno says why.
  [[nodiscard]] Descriptor connect() const;
  // Whether it runs. A child that has ended is reaped.
  [[nodiscard]] bool is_running() { return !wait({}); }
  // Whether a signal has stopped it, with all its threads.
  [[nodiscard]] bool is_stopped() const;
  // Waits so long for its end. Returns whether it has ended.
  bool wait(std::chrono::milliseconds time);
  // Ends it at once.
  void kill();
  // Lets it end: the resources of its bundle are dropped. Kills it if that takes too long.
  void end();
  // How it ended, as the end of a sentence: "was ended by SIGSEGV (segmentation fault)". REQUIRES: it has ended
  [[nodiscard]] const std::string& how() const { return how_; }
  [[nodiscard]] pid_t number() const { return number_; }

 private:
  explicit Child(Descriptor control) : parent_(::getpid()), control_(std::move(control)) {}
  void send_signal(int signal) const;
  void reap();
  // end, is_known: what the system says about the end.
  [[nodiscard]] std::string describe_end(const siginfo_t& end, bool is_known) const;
  [[nodiscard]] std::optional<std::string> read_last_words() const;

  const pid_t parent_;
  pid_t number_ = 0;
  Descriptor control_;
  Descriptor handle_{-1};  // of pidfd_open; closed after its end
  std::string how_;
};

// The command `tenon`, beside this library or program, or in `bin` of its prefix. Nothing if there is none.
[[nodiscard]] std::optional<std::string> find_command();

}  // namespace tenon::process
