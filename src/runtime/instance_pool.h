// A pool of a stateless unit, or of one that answers HTTP requests: domains with the same code, whose lives are
// each for a number of calls.
//
//   InstancePool pool(domain, 4);   // `domain` and three more
//   auto rate = make_exported_function(domain, shape, names);   // goes to one that is idle
//
// Thread: that of the composition.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <vector>

#include "runtime/domain.h"
#include "runtime/exported_function.h"

namespace tenon::runtime {

class InstancePool final {
 public:
  // Sets the pool of the domain. size: number of its domains; at least 1.
  InstancePool(Domain& first, std::size_t size);
  InstancePool(const InstancePool&) = delete;
  InstancePool& operator=(const InstancePool&) = delete;
  ~InstancePool();

  [[nodiscard]] std::size_t size() const { return others_.size() + 1; }
  [[nodiscard]] Domain& at(std::size_t i) { return i == 0 ? first_ : *others_[i - 1]; }
  // The position of a domain that can serve a call at once, preferably in a life that has begun. If there is none, the
  // call waits for one of them, each of them in turn.
  [[nodiscard]] std::size_t pick();

  // How many lives wait for calls, and how long others do before they end.
  struct Ready {
    std::size_t count = 0;
    std::chrono::nanoseconds idle = {};
  };
  // Begins lives ahead of calls from now on, whenever threads wait in the composition.
  void keep_ready(const Ready& ready);
  // Stops it. Lives that have begun keep waiting.
  void end_keeping();

 private:
  class Keeper;

  Domain& first_;
  std::vector<std::unique_ptr<Domain>> others_;
  std::size_t next_ = 0;
  std::unique_ptr<Keeper> keeper_;  // null: none waits
};

// A function of a domain, or of any domain of its pool.
[[nodiscard]] std::unique_ptr<call::Callee> make_exported_function(
    Domain& domain, std::shared_ptr<const call::FunctionShape> shape, ExportNames names);

}  // namespace tenon::runtime
