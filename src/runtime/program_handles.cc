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
  ++uses_[held->serial].lent;
  return held->serial;
}

bool ProgramHandles::is_lent(std::uint64_t number) const {
  const auto uses = uses_.find(number);
  return uses != uses_.end() && uses->second.lent != 0;
}

void ProgramHandles::end_use(std::uint64_t number, std::uint32_t Uses::* count) {
  const auto found = uses_.find(number);
  if (found == uses_.end()) return;
  Uses& uses = found->second;
  --(uses.*count);
  if (uses.lent != 0 || uses.passed != 0) return;
  const bool is_dropped = uses.is_dropped;
  uses_.erase(found);
  if (is_dropped) return drop(number);
  // Forgets it if it is not the program's.
  (void)find(number);
}

void ProgramHandles::drop(std::uint64_t number) {
  if (const auto uses = uses_.find(number); uses != uses_.end()) {
    uses->second.is_dropped = true;
    return;
  }
  const HeldResource* const found = find(number);
  if (found == nullptr || found->holder.who != Holder::Who::Program) return;
  const HeldResource held = table_.take(token(number));
  tokens_.erase(number);
  CallResult<void> dropped = drop_resource(held);
  if (!dropped) keep_drop_failure(std::move(dropped).error());
}

}  // namespace tenon::runtime
