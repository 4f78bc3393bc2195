// A pool of a stateless unit: domains with the same code, each of which serves one call at a time with a
// life of its own.
//
//   InstancePool pool(domain, 4);   // `domain` and three more
//   auto rate = make_exported_function(domain, shape, names);   // goes to one that is idle
//
// Thread: that of the composition.
#pragma once

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

  [[nodiscard]] std::size_t size() const { return others_.size() + 1; }
  [[nodiscard]] Domain& at(std::size_t i) { return i == 0 ? first_ : *others_[i - 1]; }
  // The position of a domain that can serve a call at once. If there is none, the call waits for one of
  // them, each of them in turn.
  [[nodiscard]] std::size_t pick();

 private:
  Domain& first_;
  std::vector<std::unique_ptr<Domain>> others_;
  std::size_t next_ = 0;
};

// A function of a domain, or of any domain of its pool.
[[nodiscard]] std::unique_ptr<call::Callee> make_exported_function(
    Domain& domain, std::shared_ptr<const call::FunctionShape> shape, ExportNames names);

}  // namespace tenon::runtime
