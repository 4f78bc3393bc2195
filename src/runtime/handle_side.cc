#include "runtime/handle_side.h"

#include <fmt/core.h>

#include <cstddef>
#include <utility>

namespace tenon::runtime {

namespace {

// Out of the way of calls that go well.
template <class... Arguments>
[[gnu::cold, gnu::noinline]] abi::AbiError refuse(fmt::format_string<const Arguments&...> format,
                                                  const Arguments&... arguments) {
  return {.kind = abi::AbiErrorKind::Guest, .message = fmt::format(format, arguments...)};
}

// The engine's own resources have reps of their own, which are not tokens of a resource table.
[[gnu::cold, gnu::noinline]] abi::AbiError refuse_to_cross(const ResourceKind& kind) {
  return refuse("a handle of `{}` cannot leave its domain", kind.name);
}

}  // namespace

void Transit::finish() {
  for (std::size_t i = 0; i < taken_.size(); ++i) {
    const HeldResource* held = shared_.resources.find(taken_[i]);
    if (held == nullptr || held->holder.who != Holder::Who::Call) continue;
    (void)drop_resource(shared_.resources.take(taken_[i]));
  }
  taken_.clear();
}

void Transit::give_to_program() {
  for (std::size_t i = 0; i < taken_.size(); ++i) {
    HeldResource* held = shared_.resources.find(taken_[i]);
    if (held != nullptr && held->holder.who == Holder::Who::Call)
      held->holder = {Holder::Who::Program};
  }
  taken_.clear();
}

Result<abi::ResourceToken, abi::AbiError> HandleSide::lift(const ResourceKind& kind,
                                                           abi::HandlePart part,
                                                           std::uint32_t handle) {
  if (!kind.can_cross()) return refuse_to_cross(kind);
  const bool owns = part.ownership == abi::Ownership::Own;
  ResourceTable& table = domain_.shared().resources;
  if (kind.home == &domain_) {
    if (!owns) return refuse("a borrowed `{}` cannot leave the domain that made it", kind.name);
    auto resource = side_.lift_resource(domain_.store(), part.number, handle);
    if (!resource) return keep(std::move(resource).error());
    const abi::ResourceToken token =
        table.add({&kind, domain_.life(), *resource, {Holder::Who::Call}});
    transit_.add(token);
    return token;
  }
  auto rep = owns ? side_.lift_own(part.number, handle) : side_.lift_borrow(part.number, handle);
  if (!rep) return keep(std::move(rep).error());
  HeldResource* held = table.find(*rep);
  if (held == nullptr || held->kind->number != kind.number)
    return refuse("a handle of `{}` that is stale", kind.name);
  if (owns) {
    held->holder = {Holder::Who::Call};
    transit_.add(*rep);
  }
  return *rep;
}

Result<void, abi::AbiError> HandleSide::check(const ResourceKind& kind, abi::HandlePart part,
                                              abi::ResourceToken resource) const {
  if (!kind.can_cross()) return refuse_to_cross(kind);
  HeldResource* held = domain_.shared().resources.find(resource);
  if (held == nullptr || held->kind->number != kind.number)
    return refuse("a handle of `{}` that is stale", kind.name);
  if (part.ownership == abi::Ownership::Own && held->holder.who == Holder::Who::Guest)
    return refuse("a handle of `{}` that was given away", kind.name);
  if (kind.home != nullptr && (!kind.home->is_alive() || held->life != kind.home->life()))
    return refuse("a handle of `{}` that is stale: the domain `{}` ended since it was made",
                  kind.name, kind.home->name());
  return {};
}

Result<void, abi::AbiError> HandleSide::put(const ResourceKind& kind, const LoweredHandle& handle) {
  const bool owns = handle.part.ownership == abi::Ownership::Own;
  ResourceTable& table = domain_.shared().resources;
  HeldResource* held = table.find(handle.resource);
  if (held == nullptr || (owns && held->holder.who == Holder::Who::Guest))
    return refuse("a handle of `{}` that was given away", kind.name);
  const bool comes_home = kind.home == &domain_;
  const auto rep = static_cast<std::uint32_t>(handle.resource);
  Result<void, engine::CallError> lowered =
      comes_home ? side_.lower_resource(handle.part.number, held->resource, handle.place)
      : owns     ? side_.lower_own(handle.part.number, rep, handle.place)
                 : side_.lower_borrow(handle.part.number, rep, handle.place);
  if (!lowered) return keep(std::move(lowered).error());
  if (owns && comes_home)
    table.remove(handle.resource);
  else if (owns)
    held->holder = {Holder::Who::Guest, &domain_, domain_.life()};
  return {};
}

abi::AbiError HandleSide::keep(engine::CallError error) {
  error_.emplace(std::move(error));
  return {.kind = abi::AbiErrorKind::Guest};
}

engine::CallError HandleSide::take_error(const abi::AbiError& error) {
  if (error_) {
    engine::CallError taken = *std::move(error_);
    error_.reset();
    return taken;
  }
  return engine::CallError::make(describe(error));
}

std::string describe(const abi::AbiError& error) {
  if (error.path.empty()) return error.message;
  return fmt::format("in `{}`: {}", error.path, error.message);
}

}  // namespace tenon::runtime
