#include "runtime/engine_guest.h"

#include <fmt/format.h>

#include <cstddef>
#include <utility>

#include "support/try.h"

namespace tenon::runtime {

namespace {

engine::HandlePlace place_of(abi::HandlePlace place) {
  using From = abi::HandlePlace::Where;
  using To = engine::HandlePlace::Where;
  switch (place.where) {
    case From::Flat:
      return {To::Flat, place.at};
    case From::Memory:
      return {To::Memory, place.at};
    case From::Bytes:
      return {To::ResultBytes, place.at};
  }
  return {};
}

}  // namespace

void Transit::finish() {
  for (std::size_t i = 0; i < taken_.size(); ++i) {
    const HeldResource* held = shared_.resources.find(taken_[i]);
    if (held == nullptr || held->holder.who != Holder::Who::Call) continue;
    (void)drop_resource(shared_.resources.take(taken_[i]));
  }
}

void Transit::give_to_program() {
  for (std::size_t i = 0; i < taken_.size(); ++i) {
    HeldResource* held = shared_.resources.find(taken_[i]);
    if (held != nullptr && held->holder.who == Holder::Who::Call)
      held->holder = {Holder::Who::Program};
  }
  taken_.clear();
}

abi::Encoding encoding_of(engine::GuestSide& side) {
  switch (side.encoding()) {
    case engine::GuestEncoding::Utf16:
      return abi::Encoding::Utf16;
    case engine::GuestEncoding::Latin1Utf16:
      return abi::Encoding::Latin1Utf16;
    case engine::GuestEncoding::Utf8:
      break;
  }
  return abi::Encoding::Utf8;
}

abi::AbiError EngineGuest::keep(engine::CallError error) {
  error_.emplace(std::move(error));
  return {.kind = abi::AbiErrorKind::Guest};
}

abi::AbiError EngineGuest::refuse(std::string message) {
  return {.kind = abi::AbiErrorKind::Guest, .message = std::move(message)};
}

Result<std::uint32_t, abi::AbiError> EngineGuest::reallocate(std::uint32_t old,
                                                             std::uint32_t old_size,
                                                             std::uint32_t align,
                                                             std::uint32_t new_size) {
  auto address = side_.reallocate(old, old_size, align, new_size);
  if (!address) return keep(std::move(address).error());
  return *address;
}

Result<abi::ResourceToken, abi::AbiError> EngineGuest::lift_handle(abi::HandlePart part,
                                                                   std::uint32_t handle) {
  if (skipped_ > 0) {
    --skipped_;
    return abi::ResourceToken{0};
  }
  TENON_TRY(const abi::ResourceToken token, lift(part, handle));
  ++lifted_count_;
  return token;
}

Result<abi::ResourceToken, abi::AbiError> EngineGuest::lift(abi::HandlePart part,
                                                            std::uint32_t handle) {
  const ResourceKind& kind = *lifted_[part.number];
  // The reps of the engine's own resources are no tokens.
  if (!kind.can_cross())
    return refuse(fmt::format("a handle of `{}` cannot leave its domain", kind.name));
  const bool owns = part.ownership == abi::Ownership::Own;
  ResourceTable& table = domain_.shared().resources;
  if (kind.home == &domain_) {
    if (!owns)
      return refuse(fmt::format("a borrowed `{}` cannot leave the domain that made it", kind.name));
    auto resource = side_.lift_resource(part.number, handle);
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
    return refuse(fmt::format("a handle of `{}` that is stale", kind.name));
  if (owns) {
    held->holder = {Holder::Who::Call};
    transit_.add(*rep);
  }
  return *rep;
}

Result<void, abi::AbiError> EngineGuest::lower_handle(abi::HandlePart part,
                                                      abi::ResourceToken resource,
                                                      abi::HandlePlace place) {
  const ResourceKind& kind = *lowered_[part.number];
  // The reps of the engine's own resources are no tokens.
  if (!kind.can_cross())
    return refuse(fmt::format("a handle of `{}` cannot leave its domain", kind.name));
  const bool owns = part.ownership == abi::Ownership::Own;
  ResourceTable& table = domain_.shared().resources;
  HeldResource* held = table.find(resource);
  if (held == nullptr || held->kind->number != kind.number)
    return refuse(fmt::format("a handle of `{}` that is stale", kind.name));
  if (owns && held->holder.who == Holder::Who::Guest)
    return refuse(fmt::format("a handle of `{}` that was given away", kind.name));
  if (kind.home != nullptr && (!kind.home->is_alive() || held->life != kind.home->life())) {
    return refuse(
        fmt::format("a handle of `{}` that is stale: the domain `{}` ended since it was "
                    "made",
                    kind.name, kind.home->name()));
  }
  waiting_.push_back({part, resource, place_of(place)});
  return {};
}

Result<void, abi::AbiError> EngineGuest::put(const LoweredHandle& handle) {
  const ResourceKind& kind = *lowered_[handle.part.number];
  const bool owns = handle.part.ownership == abi::Ownership::Own;
  ResourceTable& table = domain_.shared().resources;
  HeldResource* held = table.find(handle.resource);
  if (held == nullptr || (owns && held->holder.who == Holder::Who::Guest))
    return refuse(fmt::format("a handle of `{}` that was given away", kind.name));
  Result<void, engine::CallError> lowered = [&] {
    const auto rep = static_cast<std::uint32_t>(handle.resource);
    if (kind.home == &domain_)
      return side_.lower_resource(handle.part.number, held->resource, handle.place);
    if (owns) return side_.lower_own(handle.part.number, rep, handle.place);
    return side_.lower_borrow(handle.part.number, rep, handle.place);
  }();
  if (!lowered) return keep(std::move(lowered).error());
  if (!owns) return {};
  if (kind.home == &domain_)
    table.remove(handle.resource);
  else
    held->holder = {Holder::Who::Guest, &domain_, domain_.life()};
  return {};
}

Result<void, abi::AbiError> EngineGuest::put_waiting() {
  for (std::size_t i = 0; i < waiting_.size(); ++i) TENON_TRY_VOID(put(waiting_[i]));
  waiting_.clear();
  return {};
}

engine::CallError EngineGuest::take_error(const abi::AbiError& error) {
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
