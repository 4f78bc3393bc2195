#include "runtime/instance_pool.h"

#include <utility>

namespace tenon::runtime {

namespace {

class PooledFunction final : public call::Callee {
 public:
  PooledFunction(InstancePool& pool, const std::shared_ptr<const call::FunctionShape>& shape,
                 ExportNames names)
      : pool_(pool) {
    const auto shared = std::make_shared<const ExportNames>(std::move(names));
    for (std::size_t i = 0; i < pool.size(); ++i)
      functions_.push_back(std::make_unique<ExportedFunction>(pool.at(i), shape, shared));
  }

  void start(call::Call& call) override { functions_[pool_.pick()]->start(call); }

 private:
  InstancePool& pool_;
  std::vector<std::unique_ptr<ExportedFunction>> functions_;  // by position in the pool
};

// Whether a call can be served at once.
bool is_free(const Domain& domain) {
  const Domain::State state = domain.state();
  return (state == Domain::State::Ready || state == Domain::State::Asleep) &&
         !domain.calls().has_queued();
}

}  // namespace

InstancePool::InstancePool(Domain& first, std::size_t size) : first_(first) {
  while (others_.size() + 1 < size)
    others_.push_back(std::make_unique<Domain>(first.shared(), first.name()));
  first.set_pool(*this);
}

std::size_t InstancePool::pick() {
  for (std::size_t i = 0; i < size(); ++i)
    if (is_free(at(i))) return i;
  // A call on this stack would be waited for by itself.
  for (std::size_t i = 0; i < size(); ++i) {
    const std::size_t turn = (next_ + i) % size();
    if (at(turn).place().is_entered_here()) continue;
    next_ = turn + 1;
    return turn;
  }
  return 0;
}

std::unique_ptr<call::Callee> make_exported_function(
    Domain& domain, std::shared_ptr<const call::FunctionShape> shape, ExportNames names) {
  if (InstancePool* const pool = domain.pool())
    return std::make_unique<PooledFunction>(*pool, shape, std::move(names));
  return std::make_unique<ExportedFunction>(domain, std::move(shape), std::move(names));
}

}  // namespace tenon::runtime
