// Waits for the sockets and timers of a composition's remote units, on the thread of whoever waits
// for a call (runtime/scheduler.h).
//
// Handlers only report that something is ready; sockets are read and written in the composition.
#pragma once

#include <sys/types.h>

#include <asio/executor_work_guard.hpp>
#include <asio/io_context.hpp>
#include <memory>
#include <optional>
#include <string>

#include "call/bounds.h"
#include "remote/buffers.h"
#include "runtime/scheduler.h"
#include "tenon/result.h"

namespace tenon::remote {

class Reactor final : public runtime::Reactor {
 public:
  // Errors: run-engine: the system has no descriptors left.
  [[nodiscard]] static Result<std::shared_ptr<Reactor>> make();

  void run(std::optional<call::Clock::time_point> until) override;
  void poll() override;
  void interrupt() override;

  // If this process is a copy of the one that it was made in (fork), waits for what belongs to this process from
  // now on. Until then, both wait for the same. To be called before a copy opens or closes sockets.
  // Errors: a sentence.
  [[nodiscard]] Result<void, std::string> note_fork();

  // For sockets and timers, which must be gone before the reactor. Thread: any.
  [[nodiscard]] asio::io_context& context() { return context_; }

  // Thread: that of the composition.
  [[nodiscard]] Buffers& buffers() { return buffers_; }

 private:
  Reactor();

  // One thread at a time runs it.
  asio::io_context context_{1};
  // Without work, the context would stop.
  asio::executor_work_guard<asio::io_context::executor_type> work_;
  Buffers buffers_;
  pid_t process_;
};

}  // namespace tenon::remote
