// Does something at the end of a scope, however it is left.
//
//   warden.enter(name);
//   const AtEnd leave([&] { warden.leave(); });
#pragma once

#include <utility>

namespace tenon {

// do_it: must not throw. Not copyable or movable.
template <class Function>
class AtEnd final {
 public:
  explicit AtEnd(Function do_it) : do_it_(std::move(do_it)) {}
  AtEnd(const AtEnd&) = delete;
  AtEnd& operator=(const AtEnd&) = delete;
  ~AtEnd() { do_it_(); }

 private:
  Function do_it_;
};

}  // namespace tenon
