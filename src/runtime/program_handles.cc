#include "runtime/program_handles.h"

#include "runtime/domain.h"

namespace tenon::runtime {

std::uint64_t ProgramHandles::add(abi::ResourceToken token) {
  const HeldResource* held = table_.find(token);
  if (held == nullptr) return 0;
  tokens_[held->serial] = token;
  return held->serial;
}

HeldResource* ProgramHandles::find(std::uint64_t number) {
  const auto token = tokens_.find(number);
  if (token == tokens_.end()) return nullptr;
  HeldResource* held = table_.find(token->second);
  const bool is_here =
      held != nullptr && held->serial == number && held->holder.who == Holder::Who::Program;
  if (is_here) return held;
  tokens_.erase(token);
  return nullptr;
}

void ProgramHandles::drop(std::uint64_t number) {
  const HeldResource* found = find(number);
  if (found == nullptr) return;
  const HeldResource held = *found;
  table_.remove(token(number));
  tokens_.erase(number);
  // What the destructor does wrong is told to the next who calls that domain.
  (void)held.kind->home->drop(held.resource, held.life);
}

}  // namespace tenon::runtime
