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
#include <cstdint>
#include <memory>
#include <optional>
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
  // Cost: independent of the size of the pool, as long as a life waits, or lives are not shared and one can begin.
  [[nodiscard]] std::size_t pick();
  // A life waits for its next call, or has ended. at: the position of its domain.
  void note_waiting(std::size_t at) { enlist(at, Listed::Waiting); }
  void note_end(std::size_t at);

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
  enum class Listed : std::uint8_t { No, Waiting, Asleep };

  void enlist(std::size_t at, Listed as);
  // Takes the last domain of a list that can serve a call.
  [[nodiscard]] std::optional<std::size_t> take_last(std::vector<std::size_t>& list);
  // The domain with the fewest calls of those whose lives can serve one more; rather one that does not compute.
  [[nodiscard]] std::optional<std::size_t> find_shared();

  Domain& first_;
  std::vector<std::unique_ptr<Domain>> others_;
  // Positions of domains that no call uses, by the time since when. A call takes the last one, whose memory is warm.
  // Each list has room for all of them.
  std::vector<std::size_t> waiting_;  // their lives have begun
  std::vector<std::size_t> asleep_;
  std::vector<Listed> listed_;  // by position
  std::size_t next_ = 0;
  std::unique_ptr<Keeper> keeper_;  // null: none waits
};

// A function of a domain, or of any domain of its pool.
[[nodiscard]] std::unique_ptr<call::Callee> make_exported_function(
    Domain& domain, std::shared_ptr<const call::FunctionShape> shape, ExportNames names);

}  // namespace tenon::runtime
