// Connects calls to the process of a host bundle, which it starts at the first call, and again after an end
// if the settings allow that.
#pragma once

#include <sys/types.h>
#include <unistd.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "host/bundle_unit.h"
#include "process/child.h"
#include "remote/connector.h"
#include "remote/reactor.h"
#include "remote/socket_link.h"
#include "runtime/life.h"
#include "runtime/scheduler.h"

namespace tenon::process {

// Checks what can be checked before the process starts: its program, and the library. Returns the path of the
// program. Errors: host-process; host-library, host-untrusted, host-pin.
[[nodiscard]] Result<std::string> check_process(const std::string& unit,
                                                const host::Bundle& bundle);

class ProcessConnector final : public remote::Connector {
 public:
  // program: from `check_process`. Lifetime: refers to reactor and scheduler.
  ProcessConnector(const std::string& unit, const host::Bundle& bundle, std::string program,
                   remote::Reactor& reactor, runtime::Scheduler& scheduler);
  ~ProcessConnector() override;

  [[nodiscard]] Result<std::shared_ptr<remote::Connection>, std::string> connect(
      remote::Connection::OnReady on_ready, Sharing sharing) override;
  [[nodiscard]] bool has_workers() const override { return false; }
  [[nodiscard]] std::optional<CallFailure> describe(const remote::CallFault& fault) override;
  [[nodiscard]] bool is_tenon() const override { return true; }
  [[nodiscard]] bool starts_peer() const override { return true; }
  void note_abandoned() override;
  [[nodiscard]] std::uint64_t life() const override { return life_; }
  [[nodiscard]] bool is_there() const override {
    return child_ != nullptr && process_ == ::getpid() && child_->is_running();
  }
  void end() override;

 private:
  // In a copy of this process (fork), gives up the child and the link to it, which belong to the original. Errors: a
  // sentence.
  [[nodiscard]] Result<void, std::string> note_fork();
  // Starts the process, unless it runs. Errors: a sentence.
  [[nodiscard]] Result<void, std::string> start();
  // Opens a link for later small calls, unless there is one.
  void open_link();
  // Ends a process that cannot be called any more, if it has not ended. why: "closed its sockets".
  void note_broken(const std::string& why);
  void note_end(std::string how);

  const std::string unit_;
  const std::string program_;
  const std::vector<std::uint8_t> setup_;
  const runtime::RestartPolicy policy_;
  remote::Reactor& reactor_;
  runtime::Scheduler& scheduler_;
  pid_t process_;  // this one
  runtime::Restarts restarts_;
  std::unique_ptr<Child> child_;              // null: it has not started, or has ended
  std::shared_ptr<remote::SocketLink> link_;  // null: there is none
  std::uint64_t life_ = 0;
  std::string ended_;       // how the last process ended; empty: none has
  bool has_ended_ = false;  // the composition
};

}  // namespace tenon::process
