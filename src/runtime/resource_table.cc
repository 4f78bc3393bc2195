// A resource lives in the store of the domain that made it, its home, and never moves. What moves
// is its one own handle. When the own handle leaves home, the resource gets a slot in this table;
// when the handle comes home or is dropped, the slot is freed. In between, every other domain, the
// program and the calls in progress refer to the resource by its token, the index of the slot.
//
// Guests of other domains hold proxies: resources of the engine whose rep is the token. Passing a
// handle on therefore copies no state; lifting a proxy yields the token, and lowering the token
// into another guest makes a proxy there.
//
// Invariant: each slot has exactly one holder, the owner of the own handle. Lifting an own handle
// makes the call the holder, and lowering makes the receiving guest the holder (engine_guest.cc). A
// Transit owns the handles of a call in between, so a call that fails at any point drops them
// exactly once; values that wait for a later turn of an event loop have StoredHandles instead. When
// a domain ends, it drops the slots whose holder is its guest in that life (`find_held`).
//
// A caller that cancels a call, or is too late, gets its borrowed handles back at once, although the
// callee runs on with them. So such a call lends their slots: a resource that is dropped meanwhile
// lives until the end of the last loan, and the slot of one that went home stays empty until then. What a
// call borrows from another composition has a slot for as long as it is lent (crossing.h).
//
// The destruction of a store drops what waits in it, such as the items of streams that its guests did not
// read. Its memory is gone by then, so no guest must run: drops are held meanwhile (`hold_drops`).
//
// Handles of WASI differ: the resource itself moves, from the table of the giver's store to that of
// the receiver's. It has a slot only in between, even if the handle is borrowed; then its entry in
// the borrower's store is removed at the end of the call (docs/adr/0033-wasi-handles-move.md).
//
// Tokens are reused, since they must stay small; a proxy keeps its slot occupied, so a guest cannot
// have a stale token. Two kinds of references can be stale. A resource whose home has ended keeps
// its slot; the life in the slot differs from the life of the home, and the handle is refused. And
// the program keeps numbers in values for as long as it likes: these are serials, which are never
// reused, and a resource gets a new one each time that it comes to the program.
#include "runtime/resource_table.h"

#include <algorithm>
#include <new>
#include <utility>

#include "runtime/domain.h"

namespace tenon::runtime {

ResourceTable::Token ResourceTable::add(HeldResource held) {
  held.serial = ++last_serial_;
  if (free_.empty()) {
    // So that a resource can always be taken.
    if (free_.capacity() <= slots_.size()) free_.reserve(2 * (slots_.size() + 1));
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
  HeldResource held = std::exchange(slots_[token], {});
  slots_[token].loans = held.loans;
  if (held.loans == 0) free_.push_back(static_cast<std::uint32_t>(token));
  return held;
}

CallResult<void> ResourceTable::drop(Token token) {
  const HeldResource& held = slots_[token];
  if (held.loans != 0 || holds_ != 0) {
    slots_[token].holder = {Holder::Who::Dropped};
    has_held_drops_ = has_held_drops_ || holds_ != 0;
    return {};
  }
  if (held.kind->home != nullptr) return held.kind->home->drop(token);
  // Any other resource is an object, which its last owner destroys.
  (void)take(token);
  return {};
}

void ResourceTable::push(DropQueue& queue, Token token) {
  const auto added = static_cast<std::uint32_t>(token);
  slots_[token].holder = {Holder::Who::Waiting};
  (queue.is_empty_ ? queue.first_ : slots_[queue.last_].next) = added;
  queue.last_ = added;
  queue.is_empty_ = false;
}

ResourceTable::Token ResourceTable::pop(DropQueue& queue) {
  const std::uint32_t token = queue.first_;
  queue.is_empty_ = token == queue.last_;
  queue.first_ = slots_[token].next;
  return token;
}

void ResourceTable::clear(DropQueue& queue) {
  while (!queue.is_empty()) (void)take(pop(queue));
}

void ResourceTable::resume_drops() {
  if (--holds_ != 0 || !std::exchange(has_held_drops_, false)) return;
  // There is no caller to report a failing destructor to.
  for (Token token = 0; find_held({Holder::Who::Dropped}, token); ++token)
    if (slots_[token].loans == 0) (void)drop(token);
}

void ResourceTable::end_loan(Token token) {
  if (--slots_[token].loans != 0) return;
  const Holder::Who holder = slots_[token].holder.who;
  if (holder == Holder::Who::Nobody) free_.push_back(static_cast<std::uint32_t>(token));
  // There is no caller to report a failing destructor to.
  if (holder == Holder::Who::Dropped) (void)drop(token);
}

bool ResourceTable::find_held(const Holder& holder, Token& token) const {
  while (token < slots_.size() && slots_[token].holder != holder) ++token;
  return token < slots_.size();
}

std::vector<ResourceTable::Token> ResourceTable::made_by(const Domain& domain,
                                                         std::uint64_t life) const {
  std::vector<Token> tokens;
  for (std::size_t i = 0; i < slots_.size(); ++i)
    if (slots_[i].holder.who != Holder::Who::Nobody &&
        slots_[i].holder.who != Holder::Who::Waiting && slots_[i].kind->home == &domain &&
        slots_[i].life == life)
      tokens.push_back(i);
  return tokens;
}

void Transit::add(abi::ResourceToken token) {
  try {
    passed_.push_back({token, table_.find(token)->serial});
  } catch (const std::bad_alloc&) {
    // Nothing else drops it.
    (void)table_.drop(token);
    throw;
  }
}

void Transit::finish() {
  for (std::size_t i = 0; i < passed_.size(); ++i) {
    const auto [token, serial] = passed_[i];
    const HeldResource* const held = table_.find(token);
    if (held == nullptr || held->serial != serial || held->holder.who != Holder::Who::Call)
      continue;
    (void)table_.drop(token);
  }
  passed_.clear();
}

void Transit::add_loan(Domain& borrower, engine::WasiKind kind, std::uint32_t rep) {
  loans_.push_back({&borrower, borrower.life(), kind, rep});
}

void Transit::end_loans() {
  for (const Loan& loan : loans_)
    if (loan.borrower->is_alive() && loan.borrower->life() == loan.life)
      engine::end_loan(loan.borrower->store(), loan.kind, loan.rep);
}

StoredHandles::~StoredHandles() {
  for (const abi::ResourceToken token : tokens_) (void)table_.drop(token);
}

void Loans::end() {
  for (const abi::ResourceToken token : std::exchange(tokens_, {})) table_.end_loan(token);
}

abi::ResourceToken Loans::add(HeldResource held) {
  held.holder = {Holder::Who::Dropped};
  const abi::ResourceToken token = table_.add(std::move(held));
  try {
    tokens_.push_back(token);
  } catch (const std::bad_alloc&) {
    // Nothing else drops it.
    (void)table_.drop(token);
    throw;
  }
  table_.lend(token);
  return token;
}

void Loans::begin(std::span<const std::optional<abi::ResourceToken>> resources) {
  for (const std::optional<abi::ResourceToken>& token : resources) {
    const HeldResource* const held = token ? table_.find(*token) : nullptr;
    if (held == nullptr || held->holder.who == Holder::Who::Stored) continue;
    tokens_.push_back(*token);
    table_.lend(*token);
  }
}

void StoredHandles::store(std::span<const std::optional<abi::ResourceToken>> resources) {
  for (const std::optional<abi::ResourceToken>& token : resources) {
    HeldResource* const held = token ? table_.find(*token) : nullptr;
    if (held == nullptr || held->holder.who != Holder::Who::Call) continue;
    tokens_.push_back(*token);
    held->holder = {Holder::Who::Stored};
  }
}

void StoredHandles::restore(Transit& transit) {
  auto next = tokens_.begin();
  try {
    while (next != tokens_.end()) {
      const abi::ResourceToken token = *next++;
      table_.find(token)->holder = {Holder::Who::Call};
      transit.add(token);
    }
  } catch (const std::bad_alloc&) {
    tokens_.erase(tokens_.begin(), next);
    throw;
  }
  tokens_.clear();
}

std::uint64_t ProgramHandles::add(abi::ResourceToken token) {
  HeldResource* const held = table_.find(token);
  if (held == nullptr) return 0;
  if (std::exchange(held->is_numbered, true)) table_.renew(*held);
  try {
    tokens_[held->serial] = token;
  } catch (const std::bad_alloc&) {
    // Nothing else drops it.
    (void)table_.drop(token);
    throw;
  }
  return held->serial;
}

HeldResource* ProgramHandles::find(std::uint64_t number) {
  const auto token = tokens_.find(number);
  if (token == tokens_.end()) return nullptr;
  HeldResource* const held = table_.find(token->second);
  const bool is_valid = held != nullptr && held->serial == number &&
                        (held->holder.who == Holder::Who::Program || is_borrowed(number));
  if (is_valid) return held;
  tokens_.erase(token);
  return nullptr;
}

std::uint64_t ProgramHandles::borrow(abi::ResourceToken token) {
  const HeldResource* const held = table_.find(token);
  if (held == nullptr) return 0;
  const auto [row, is_new] = tokens_.insert_or_assign(held->serial, token);
  try {
    ++uses_[held->serial].borrows;
  } catch (const std::bad_alloc&) {
    if (is_new) tokens_.erase(row);
    throw;
  }
  return held->serial;
}

bool ProgramHandles::is_borrowed(std::uint64_t number) const {
  const auto uses = uses_.find(number);
  return uses != uses_.end() && uses->second.borrows != 0;
}

void ProgramHandles::end_use(std::uint64_t number, std::uint32_t Uses::* count) {
  const auto entry = uses_.find(number);
  if (entry == uses_.end()) return;
  Uses& uses = entry->second;
  --(uses.*count);
  if (uses.borrows != 0 || uses.passes != 0) return;
  const bool is_dropped = uses.is_dropped;
  uses_.erase(entry);
  if (is_dropped) return drop(number);
  // Erases the number if the program does not hold the resource.
  (void)find(number);
}

void ProgramHandles::drop(std::uint64_t number) {
  if (const auto uses = uses_.find(number); uses != uses_.end()) {
    uses->second.is_dropped = true;
    return;
  }
  const HeldResource* const resource = find(number);
  if (resource == nullptr || resource->holder.who != Holder::Who::Program) return;
  const abi::ResourceToken dropped_token = token(number);
  tokens_.erase(number);
  drop_now(dropped_token);
}

void ProgramHandles::drop_unread(std::span<const std::optional<abi::ResourceToken>> tokens) {
  for (const std::optional<abi::ResourceToken>& token : tokens) {
    const HeldResource* const held = token ? table_.find(*token) : nullptr;
    if (held != nullptr && held->holder.who == Holder::Who::Program) drop_now(*token);
  }
}

void ProgramHandles::drop_now(abi::ResourceToken token) {
  CallResult<void> dropped = table_.drop(token);
  if (!dropped) keep_drop_failure(std::move(dropped).error());
}

}  // namespace tenon::runtime
