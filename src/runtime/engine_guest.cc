// How a handle gets from one guest to another.
//
// Between the two sides, a handle is a token: a row of the composition's ResourceTable. What a side has
// depends on who made the resource:
//
//   made by                 in its home domain         in every other domain
//   a guest                 the engine's own handle    a proxy whose rep is the token
//   the program, a bundle   -                          a proxy whose rep is the token
//   a stream or future      its end in the store       its other end, through a Channel
//   WASI                    an entry of the store's table, which moves with the handle
//
// Lifting takes a handle out of a guest: an own handle becomes the call's (Transit drops what nobody took),
// a borrowed one stays where it is. Lowering is done in two steps. While values are copied, a handle is only
// checked and noted, because a later value can still turn out to be malformed, and what was given to a guest
// cannot be taken back. When all values are there, `put_handles` gives the guest its handles, and each row of
// the table gets its new holder.
#include "runtime/engine_guest.h"

#include <fmt/core.h>

#include <cstddef>
#include <utility>

#include "runtime/guest_stream.h"
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

// Kept out of the code of successful calls.
template <class... Arguments>
[[gnu::cold, gnu::noinline]] abi::AbiError refuse_handle(
    fmt::format_string<const Arguments&...> format, const Arguments&... arguments) {
  return {.kind = abi::AbiErrorKind::Guest, .message = fmt::format(format, arguments...)};
}

// The reps of the engine's own resources are not tokens of a resource table.
[[gnu::cold, gnu::noinline]] abi::AbiError refuse_to_cross(const ResourceKind& kind) {
  return refuse_handle("a handle of `{}` cannot leave its domain", kind.name);
}

}  // namespace

engine::FlatCounts flat_counts(const abi::FunctionLayout& layout) {
  engine::FlatCounts counts;
  counts.params = layout.has_spilled_params()
                      ? engine::kSpilled
                      : static_cast<std::uint8_t>(layout.layouts[layout.params].flat.count());
  if (layout.result) {
    counts.results = layout.has_spilled_result()
                         ? engine::kSpilled
                         : static_cast<std::uint8_t>(layout.layouts[*layout.result].flat.count());
  }
  return counts;
}

abi::Encoding EngineGuest::encoding() const {
  switch (side_.encoding()) {
    case engine::GuestEncoding::Utf16:
      return abi::Encoding::Utf16;
    case engine::GuestEncoding::Latin1Utf16:
      return abi::Encoding::Latin1Utf16;
    case engine::GuestEncoding::Utf8:
      break;
  }
  return abi::Encoding::Utf8;
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
  TENON_TRY(const abi::ResourceToken token, lift(*lifted_[part.number], part, handle));
  ++lifted_count_;
  return token;
}

Result<abi::ResourceToken, abi::AbiError> EngineGuest::lift(const ResourceKind& kind,
                                                            abi::HandlePart part,
                                                            std::uint32_t handle) {
  if (!kind.can_cross()) return refuse_to_cross(kind);
  if (kind.stream != nullptr) return lift_stream(*kind.stream, part, handle);
  if (kind.wasi) return lift_wasi(kind, part, handle);
  const bool owns = part.ownership == abi::Ownership::Own;
  ResourceTable& table = domain_.shared().resources;
  if (kind.home == &domain_) {
    if (!owns)
      return refuse_handle("a borrowed `{}` cannot leave the domain that made it", kind.name);
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
    return refuse_handle("a handle of `{}` that is stale", kind.name);
  if (owns) {
    held->holder = {Holder::Who::Call};
    transit_.add(*rep);
  }
  return *rep;
}

Result<abi::ResourceToken, abi::AbiError> EngineGuest::lift_wasi(const ResourceKind& kind,
                                                                 abi::HandlePart part,
                                                                 std::uint32_t handle) {
  const bool owns = part.ownership == abi::Ownership::Own;
  auto rep = owns ? side_.lift_own(part.number, handle) : side_.lift_borrow(part.number, handle);
  if (!rep) return keep(std::move(rep).error());
  engine::Store& store = domain_.store();
  auto resource = owns ? engine::WasiResource::take(side_, store, *kind.wasi, *rep)
                       : engine::WasiResource::share(store, *kind.wasi, *rep);
  if (!resource)
    return refuse_handle("the handle {} of `{}` cannot leave the domain `{}`: {}", handle,
                         kind.name, domain_.name(),
                         std::move(resource).error().to_failure().message);
  const abi::ResourceToken token = domain_.shared().resources.add(
      {.kind = &kind,
       .holder = {Holder::Who::Call},
       .object = std::make_shared<engine::WasiResource>(*std::move(resource))});
  transit_.add(token);
  return token;
}

Result<abi::ResourceToken, abi::AbiError> EngineGuest::lift_stream(const StreamKind& kind,
                                                                   abi::HandlePart part,
                                                                   std::uint32_t handle) {
  Shared& shared = domain_.shared();
  const auto channel = std::make_shared<Channel>(kind.shared_from_this(), shared);
  const auto end = std::make_shared<ReadableEnd>(channel);
  if (kind.is_future) {
    auto future = side_.lift_future(part.number, handle);
    if (!future) return keep(std::move(future).error());
    GuestFuture::add_to(channel, domain_, *std::move(future));
  } else {
    auto writer = std::make_unique<GuestWriter>(domain_, channel);
    writer->set_readable_end(end);
    auto lifted = side_.lift_stream(part.number, handle, std::move(writer));
    if (!lifted) return keep(std::move(lifted).error());
  }
  const abi::ResourceToken token =
      shared.resources.add({.kind = &kind.handle, .holder = {Holder::Who::Call}, .object = end});
  transit_.add(token);
  return token;
}

Result<void, abi::AbiError> EngineGuest::lower_handle(abi::HandlePart part,
                                                      abi::ResourceToken resource,
                                                      abi::HandlePlace place) {
  TENON_TRY_VOID(check_lowered(*lowered_[part.number], part, resource));
  lowered_handles_.push_back({part, resource, place_of(place)});
  return {};
}

Result<void, abi::AbiError> EngineGuest::check_lowered(const ResourceKind& kind,
                                                       abi::HandlePart part,
                                                       abi::ResourceToken resource) const {
  if (!kind.can_cross()) return refuse_to_cross(kind);
  HeldResource* held = domain_.shared().resources.find(resource);
  // The value of a future that guests have passed on can come from another function, with its handles.
  if (held == nullptr || !is_same(*held->kind, kind))
    return refuse_handle("a handle of `{}` that is stale", kind.name);
  if (part.ownership == abi::Ownership::Own && held->holder.who == Holder::Who::Guest)
    return refuse_handle("a handle of `{}` that was given away", kind.name);
  if (kind.home != nullptr && (!kind.home->is_alive() || held->life != kind.home->life()))
    return refuse_handle("a handle of `{}` that is stale: the domain `{}` ended after it was made",
                         kind.name, kind.home->name());
  return {};
}

Result<void, abi::AbiError> EngineGuest::put_lowered_handles() {
  for (std::size_t i = 0; i < lowered_handles_.size(); ++i)
    TENON_TRY_VOID(put(*lowered_[lowered_handles_[i].part.number], lowered_handles_[i]));
  lowered_handles_.clear();
  return {};
}

Result<void, abi::AbiError> EngineGuest::put(const ResourceKind& kind,
                                             const LoweredHandle& handle) {
  const bool owns = handle.part.ownership == abi::Ownership::Own;
  ResourceTable& table = domain_.shared().resources;
  HeldResource* held = table.find(handle.resource);
  if (held == nullptr || (owns && held->holder.who == Holder::Who::Guest))
    return refuse_handle("a handle of `{}` that was given away", kind.name);
  if (kind.stream != nullptr) {
    const HeldResource taken = table.take(handle.resource);
    auto lowered = side_.lower_end(handle.part.number,
                                   std::make_unique<GuestReader>(domain_, taken.as<ReadableEnd>()),
                                   handle.place);
    if (!lowered) return keep(std::move(lowered).error());
    return {};
  }
  if (kind.wasi) return put_wasi(kind, handle);
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

Result<void, abi::AbiError> EngineGuest::put_wasi(const ResourceKind& kind,
                                                  const LoweredHandle& handle) {
  ResourceTable& table = domain_.shared().resources;
  const bool owns = handle.part.ownership == abi::Ownership::Own;
  const auto resource = table.find(handle.resource)->as<engine::WasiResource>();
  if (owns) table.remove(handle.resource);
  Result<engine::WasiResource, engine::CallError> given =
      owns ? std::move(*resource) : resource->share();
  if (!given) return keep(std::move(given).error());
  auto rep = std::move(*given).put(domain_.store());
  if (!rep) return keep(std::move(rep).error());
  if (!owns) transit_.add_loan(domain_, *kind.wasi, *rep);
  auto lowered = owns ? side_.lower_own(handle.part.number, *rep, handle.place)
                      : side_.lower_borrow(handle.part.number, *rep, handle.place);
  if (!lowered) return keep(std::move(lowered).error());
  return {};
}

abi::AbiError EngineGuest::keep(engine::CallError error) {
  error_.emplace(std::move(error));
  return {.kind = abi::AbiErrorKind::Guest};
}

engine::CallError EngineGuest::take_error(const abi::AbiError& error) {
  if (error_) {
    engine::CallError failure = *std::move(error_);
    error_.reset();
    return failure;
  }
  return engine::CallError::make(describe(error));
}

}  // namespace tenon::runtime
