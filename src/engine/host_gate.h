// What a thread does around the calls that the engine makes into this program while a guest runs: of
// host functions, and of the objects that copy values and serve streams.
//
// A thread that lets others into its composition while its guest computes sets a gate, which keeps
// them out for each of these calls.
#pragma once

#include <cstdint>

namespace tenon::engine {

class HostGate {
 public:
  virtual void enter() noexcept = 0;
  virtual void leave() noexcept = 0;

  // That of this thread; null if it has none.
  static constinit thread_local HostGate* current;

 protected:
  ~HostGate() = default;
};

inline constinit thread_local HostGate* HostGate::current = nullptr;

// A call by the engine, for a scope.
class HostEntry final {
 public:
  HostEntry() : gate_(HostGate::current) {
    ++count;
    if (gate_ == nullptr) return;
    HostGate::current = nullptr;
    gate_->enter();
  }
  HostEntry(const HostEntry&) = delete;
  HostEntry& operator=(const HostEntry&) = delete;
  ~HostEntry() {
    if (gate_ == nullptr) return;
    gate_->leave();
    HostGate::current = gate_;
  }

  // How many there have been on this thread.
  static constinit thread_local std::uint64_t count;

 private:
  HostGate* gate_;
};

inline constinit thread_local std::uint64_t HostEntry::count = 0;

}  // namespace tenon::engine
