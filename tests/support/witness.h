// An object that a test watches: of a coroutine's frame, or of what a lambda has captured.
#pragma once

namespace tenon {

// Sets a flag when it is destroyed.
struct Witness {
  explicit Witness(bool& flag) : is_gone(flag) {}
  Witness(const Witness&) = delete;
  Witness& operator=(const Witness&) = delete;
  ~Witness() { is_gone = true; }
  bool& is_gone;
};

}  // namespace tenon
