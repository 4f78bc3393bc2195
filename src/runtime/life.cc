#include "runtime/life.h"

#include <utility>

#include "support/try.h"

namespace tenon::runtime {

Result<void, engine::Failure> ComponentBody::begin(engine::Store& store) {
  if (!*prepared_) return prepared_->error();
  TENON_TRY(engine::Instance instance, (*prepared_)->instantiate(store));
  instance_.emplace(std::move(instance));
  return {};
}

Result<void> Life::open() {
  if (parts.late_body != nullptr) {
    TENON_TRY(parts.body, parts.late_body->make());
    parts.late_body.reset();
  }
  const engine::StoreLimits limits = parts.store_limits();
  TENON_TRY(engine::Store opened, parts.grants
                                      ? engine::Store::open(*parts.engine, *parts.grants, limits)
                                      : engine::Store::open_bare(*parts.engine, limits));
  store.emplace(std::move(opened));
  return {};
}

void Life::end() {
  if (store) parts.body->end();
  store.reset();
}

void Life::add_limits(CallFailure& failure, engine::FailureKind kind, const call::Bounds* bounds,
                      const std::string& domain) const {
  const engine::StoreLimits limits = parts.store_limits();
  failure.domain = domain;
  switch (kind) {
    case engine::FailureKind::Interrupted:
      if (bounds != nullptr && bounds->was_interrupted()) {
        failure.kind = CallFailure::Kind::Interrupted;
        failure.message = "the call was interrupted";
      } else if (bounds != nullptr && bounds->deadline) {
        failure.domain = bounds->deadline->domain;
        failure.limits.emplace_back(bounds->deadline->key);
      }
      break;
    case engine::FailureKind::OutOfFuel:
      failure.limits.emplace_back("fuel");
      break;
    case engine::FailureKind::Trap:
      // Many guests trap by themselves when they cannot allocate memory.
      if (limits.memory_bytes && failure.kind == CallFailure::Kind::Trap)
        failure.limits.emplace_back("memory");
      break;
    case engine::FailureKind::Error:
      if (limits.memory_bytes) failure.limits.emplace_back("memory");
      if (limits.table_elements) failure.limits.emplace_back("tables");
      if (limits.instances) failure.limits.emplace_back("instances");
      break;
    case engine::FailureKind::NotEntered:
    case engine::FailureKind::Exit:
    case engine::FailureKind::Panic:
      break;
  }
  if (failure.limits.empty()) failure.domain.clear();
}

bool Restarts::allows(const RestartPolicy& policy) {
  const auto window = policy.window;
  if (!window) return counted_ < policy.max;
  const auto now = std::chrono::steady_clock::now();
  std::erase_if(recent_, [&](auto at) { return now - at > *window; });
  if (recent_.size() >= policy.max) return false;
  if (recent_.size() == recent_.capacity()) recent_.reserve(2 * recent_.size() + 1);
  return true;
}

void Restarts::add(const RestartPolicy& policy) noexcept {
  if (policy.window) recent_.push_back(std::chrono::steady_clock::now());
  ++counted_;
  ++count_;
}

}  // namespace tenon::runtime
