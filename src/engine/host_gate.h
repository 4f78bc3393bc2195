// Every call that the engine makes back into this program while a guest runs begins with a HostEntry:
// host functions, copies of values, and ends of streams.
//
// A thread that runs a guest outside of the lock of its composition sets a HostGate. The entry then
// takes the lock for the time of the call.
#pragma once

#include <cstdint>

namespace tenon::engine {

class HostGate {
 public:
  virtual void enter() noexcept = 0;
  virtual void leave() noexcept = 0;

  // The gate of this thread; null if it has none.
  static constinit thread_local HostGate* current;

 protected:
  ~HostGate() = default;
};

inline constinit thread_local HostGate* HostGate::current = nullptr;

// Marks the scope of a call by the engine.
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

  // The number of calls so far on this thread.
  static constinit thread_local std::uint64_t count;

 private:
  HostGate* gate_;
};

inline constinit thread_local std::uint64_t HostEntry::count = 0;

}  // namespace tenon::engine
