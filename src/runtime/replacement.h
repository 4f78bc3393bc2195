// The steps of a swap that concern one domain: its calls end, another life begins beside the current one, and
// one of the two ends.
//
//   const Drained drained(domain, bounds);
//   TENON_TRY_VOID(drained.result());
//   Replacement replacement(domain, parts, Replacement::Begin::Yes);
//   TENON_TRY_VOID(replacement.result());
//   domain.release(replacement.commit());
//
// Thread: that of the composition.
#pragma once

#include <cstdint>
#include <optional>

#include "runtime/domain.h"

namespace tenon::runtime {

// Waits until the calls in progress have ended, and delays new calls until the end of the scope.
// Calls of this thread whose callers wait on the stack are not delayed.
class Drained final {
 public:
  // bounds: of the wait.
  Drained(Domain& domain, const call::Bounds& bounds);
  Drained(const Drained&) = delete;
  Drained& operator=(const Drained&) = delete;

  // Reentrance: a call of the domain is on this stack. Deadline, Deadlock: calls do not end.
  [[nodiscard]] const CallResult<void>& result() const { return result_; }

 private:
  // Keeps new calls of other threads out.
  class Closed final {
   public:
    explicit Closed(Domain& domain) : domain_(domain) { domain.place().close(); }
    Closed(const Closed&) = delete;
    Closed& operator=(const Closed&) = delete;
    ~Closed();

   private:
    Domain& domain_;
  };

  std::optional<Closed> closed_;
  CallResult<void> result_;
};

// Begins a life made from other parts. Unless it is committed, the replaced life continues at the end of the
// scope.
class Replacement final {
 public:
  // begin: No: the next call begins the life.
  enum class Begin : std::uint8_t { No, Yes };
  // REQUIRES: the domain is not running, and has no other Replacement
  Replacement(Domain& domain, DomainParts parts, Begin begin);
  Replacement(const Replacement&) = delete;
  Replacement& operator=(const Replacement&) = delete;
  ~Replacement();

  // Errors: as `Domain::start`.
  [[nodiscard]] const Result<void>& result() const { return result_; }
  // Whether the new life has ended since it began, although it was not for a number of calls.
  [[nodiscard]] bool has_ended() const {
    return !domain_.calls_of_life().are_counted() && !domain_.is_alive();
  }
  // Ends the replaced life. Returns its number, for `Domain::release`. REQUIRES: `result` is fine
  std::uint64_t commit();

 private:
  // Puts the current life aside.
  explicit Replacement(Domain& domain);

  Domain& domain_;
  // Made beforehand, so that ending a life needs no memory for them.
  CallFailure replaced_failure_;
  CallFailure kept_failure_;
  Life replaced_;
  Calls::LoopPtr loop_;  // of the replaced life
  Result<void> result_;
  bool is_committed_ = false;
};

}  // namespace tenon::runtime
