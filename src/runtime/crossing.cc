#include "runtime/crossing.h"

#include <fmt/core.h>

#include <utility>

#include "support/check.h"
#include "support/try.h"

namespace tenon::runtime {

namespace {

const ForeignResource& foreign_of(const HeldResource& held) {
  return *static_cast<const ForeignResource*>(held.object.get());
}

abi::AbiError refuse(const ResourceKind& kind, const char* why) {
  return {.kind = abi::AbiErrorKind::Guest,
          .message = fmt::format("a handle of `{}` that {}", kind.name, why)};
}

}  // namespace

ForeignResource::~ForeignResource() {
  if (!token_) return;
  home_.lock->run_or_defer([&home = home_, token = *token_] {
    // What the destructor does wrong is told to the next who calls that domain.
    (void)drop_resource(home.resources.take(token));
  });
}

Result<abi::ResourceToken, abi::AbiError> Crossing::bring(abi::HandlePart part,
                                                          abi::ResourceToken token) {
  const ResourceKind& here = *shape_.param_kinds[part.number];
  const ResourceKind& there = *kinds_.params[part.number];
  const bool owns = part.ownership == abi::Ownership::Own;
  const HeldResource* const held = here_.resources.find(token);
  if (held == nullptr || held->kind->number != here.number) return refuse(here, "is stale");
  if (there.origin != nullptr) {
    // A borrowed one has an entry for the call alone.
    const abi::ResourceToken added = there_.resources.add(
        {.kind = &there, .holder = {Holder::Who::Call}, .object = held->object});
    transit_there_.add(added);
    if (owns) here_.resources.remove(token);
    return added;
  }
  const std::optional<abi::ResourceToken> home = foreign_of(*held).token();
  if (!home) return refuse(here, "was given away");
  if (!owns) return *home;
  foreign_of(*held).give_back();
  here_.resources.remove(token);
  HeldResource* const own = there_.resources.find(*home);
  TENON_CHECK(own != nullptr);
  own->holder = {Holder::Who::Call};
  transit_there_.add(*home);
  return *home;
}

abi::ResourceToken Crossing::fetch(abi::HandlePart part, abi::ResourceToken token) {
  HeldResource* const held = there_.resources.find(token);
  TENON_CHECK(held != nullptr);
  std::shared_ptr<const void> object;
  if (kinds_.results[part.number]->origin != nullptr) {
    object = there_.resources.take(token).object;
  } else {
    held->holder = {Holder::Who::Away};
    object = std::make_shared<const ForeignResource>(there_, token);
  }
  const abi::ResourceToken added = here_.resources.add({.kind = shape_.result_kinds[part.number],
                                                        .holder = {Holder::Who::Call},
                                                        .object = std::move(object)});
  transit_.add(added);
  return added;
}

Result<abi::ResourceToken, abi::AbiError> ForeignGuest::lift_handle(abi::HandlePart part,
                                                                    std::uint32_t handle) {
  TENON_TRY(const abi::ResourceToken token, guest_.lift_handle(part, handle));
  return crossing_.fetch(part, token);
}

Result<void, abi::AbiError> ForeignGuest::lower_handle(abi::HandlePart part,
                                                       abi::ResourceToken resource,
                                                       abi::HandlePlace place) {
  TENON_TRY(const abi::ResourceToken token, crossing_.bring(part, resource));
  return guest_.lower_handle(part, token, place);
}

}  // namespace tenon::runtime
