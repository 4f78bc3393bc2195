#include "runtime/resource_table.h"

#include <algorithm>
#include <utility>

#include "runtime/domain.h"

namespace tenon::runtime {

ResourceTable::Token ResourceTable::add(HeldResource held) {
  held.serial = ++last_serial_;
  if (free_.empty()) {
    slots_.push_back(std::move(held));
    return slots_.size() - 1;
  }
  const std::uint32_t slot = free_.back();
  free_.pop_back();
  slots_[slot] = std::move(held);
  return slot;
}

void ResourceTable::remove(Token token) {
  if (find(token) != nullptr) (void)take(token);
}

HeldResource ResourceTable::take(Token token) {
  HeldResource taken = std::exchange(slots_[token], {});
  free_.push_back(static_cast<std::uint32_t>(token));
  return taken;
}

CallResult<void> drop_resource(const HeldResource& held) {
  if (held.kind->home != nullptr) return held.kind->home->drop(held.resource, held.life);
  // An object of the program, or of another composition, ends with its last owner.
  return {};
}

std::vector<ResourceTable::Token> ResourceTable::held_by(const Domain& domain,
                                                         std::uint64_t life) const {
  std::vector<Token> tokens;
  for (std::size_t i = 0; i < slots_.size(); ++i)
    if (slots_[i].holder == Holder{Holder::Who::Guest, &domain, life}) tokens.push_back(i);
  return tokens;
}

std::size_t ResourceTable::count_made_by(const Domain& domain, std::uint64_t life) const {
  return static_cast<std::size_t>(std::ranges::count_if(slots_, [&](const HeldResource& held) {
    return held.holder.who != Holder::Who::Nobody && held.kind->home == &domain &&
           held.life == life;
  }));
}

}  // namespace tenon::runtime
