#include "runtime/program_handles.h"

#include <utility>

namespace tenon::runtime {

std::uint64_t ProgramHandles::add(abi::ResourceToken token) {
  HeldResource* held = table_.find(token);
  if (held == nullptr) return 0;
  if (std::exchange(held->was_given, true)) table_.renew(*held);
  tokens_[held->serial] = token;
  return held->serial;
}

HeldResource* ProgramHandles::find(std::uint64_t number) {
  const auto token = tokens_.find(number);
  if (token == tokens_.end()) return nullptr;
  HeldResource* held = table_.find(token->second);
  const bool is_here = held != nullptr && held->serial == number &&
                       (held->holder.who == Holder::Who::Program || is_lent(number));
  if (is_here) return held;
  tokens_.erase(token);
  return nullptr;
}

std::uint64_t ProgramHandles::lend(abi::ResourceToken token) {
  const HeldResource* held = table_.find(token);
  if (held == nullptr) return 0;
  tokens_[held->serial] = token;
  ++lent_[held->serial];
  return held->serial;
}

void ProgramHandles::take_back(std::uint64_t number) {
  const auto lent = lent_.find(number);
  if (lent == lent_.end() || --lent->second > 0) return;
  lent_.erase(lent);
  // Forgets it if it is not the program's.
  (void)find(number);
}

void ProgramHandles::drop(std::uint64_t number) {
  const HeldResource* const found = find(number);
  if (found == nullptr || found->holder.who != Holder::Who::Program) return;
  const HeldResource held = table_.take(token(number));
  tokens_.erase(number);
  // What the destructor does wrong is told to the next who calls that domain.
  (void)drop_resource(held);
}

}  // namespace tenon::runtime
