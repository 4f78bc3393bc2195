// State that all domains of a composition share: lock, scheduler, resource table and limits.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "call/bounds.h"
#include "runtime/inbox.h"
#include "runtime/owner_lock.h"
#include "runtime/resource_table.h"
#include "runtime/scheduler.h"
#include "runtime/ticker.h"
#include "tenon/result.h"

namespace tenon::runtime {

// The time limit of a run: `timeout` of the root's domain. It covers everything that guests do:
// start functions, calls and destructors.
struct RunLimit {
  std::chrono::nanoseconds length;
  // The end of the run in progress. Absent: each call from outside of all guests is a run of its
  // own.
  std::optional<call::Clock::time_point> end;
  std::string domain;  // the domain whose limit it is
};

// A failure without a backtrace. If there is no memory for the message, it says that.
[[nodiscard]] CallFailure make_failure(CallFailure::Kind kind, std::string_view message) noexcept;
// For calls whose end must be told where no exception can pass.
[[nodiscard]] CallFailure no_memory() noexcept;

struct ChannelList;
struct Shared;
class Trace;
[[nodiscard]] std::shared_ptr<ChannelList> make_channel_list(Shared& shared);

// The running composition that domains belong to, as they and the handles of the program know it: the module
// that runs compositions derives its state from this class.
class Owner {
 public:
  Owner() = default;
  Owner(const Owner&) = delete;
  Owner& operator=(const Owner&) = delete;
  virtual ~Owner() = default;
  // Lifetime: that of the owner.
  [[nodiscard]] virtual Shared& get_shared() = 0;
  // Ends the calls that the program has started and that nothing can end: they fail with Deadlock. REQUIRES:
  // the thread is in the composition, whose scheduler is idle
  virtual void end_program_waits() = 0;
};

// Something of the program in a composition, which ends with it.
class ProgramPart {
 public:
  ProgramPart() = default;
  ProgramPart(const ProgramPart&) = delete;
  ProgramPart& operator=(const ProgramPart&) = delete;
  virtual ~ProgramPart() = default;
};

struct Shared {
  std::string composition;  // its name, for messages
  // Held by every thread that calls from outside of the composition. Such a thread can keep the
  // lock alive longer than the composition.
  std::shared_ptr<OwnerLock> lock = std::make_shared<OwnerLock>();
  Ticker ticker;
  Scheduler scheduler{lock};
  // The composition is being destroyed: guests that run on other threads are to end.
  std::atomic<bool> is_ending = false;
  std::optional<RunLimit> run_limit;  // absent: unlimited
  // How often calls were interrupted from outside.
  call::InterruptCount interrupts;

  ResourceTable resources;
  std::shared_ptr<ChannelList> channels = make_channel_list(*this);
  std::shared_ptr<Inbox> inbox = std::make_shared<Inbox>(scheduler);
  // The bytes of items that each stream holds until they are read, unless its StreamKind says it.
  std::size_t stream_buffer = 0;
  Trace* trace = nullptr;  // null: nothing is traced
  // Gets the failures of guests that went on after their call had returned. Null: nobody does.
  std::function<void(const CallFailure&)> on_late_failure;
  // Gets the failures of handlers of the program whose callers learn only that there is no response. Returns whether
  // somebody wants to know them. Null: nobody does.
  std::function<bool(const CallFailure&)> on_handler_failure;
  std::weak_ptr<Owner> owner;
  ProgramHandles program{resources};
  std::unique_ptr<ProgramPart> program_part;  // of a program in C; null: it has none

  // Whether a call without a caller has bounds.
  [[nodiscard]] bool bounds_calls() const { return run_limit || interrupts != nullptr; }
  // The bounds of the caller, or without one those of the run, and interrupts of this composition: the
  // caller can be of another one. If the end of `limit`, from now, is earlier, that becomes the deadline. caller: null
  // if there is none. domain: whose limit it is.
  [[nodiscard]] call::Bounds make_bounds(const call::Bounds* caller,
                                         const std::optional<call::TimeLimit>& limit,
                                         const std::string& domain) const;
};

}  // namespace tenon::runtime
