#include "remote/leases.h"

#include <algorithm>
#include <iterator>
#include <new>

#include "runtime/resource_table.h"

namespace tenon::remote {

Leases::Leases(const Worker& worker, std::chrono::milliseconds time, Reactor& reactor,
               runtime::Shared& shared)
    : worker_(worker),
      time_(time),
      shared_(shared),
      timer_(reactor.context()),
      post_expire_(shared.scheduler.make_poster([link = std::weak_ptr<Leases*>(link_)] {
        if (const auto held = link.lock()) (*held)->expire();
      })) {}

Leases::~Leases() {
  // The youngest first, as in a composition that ends.
  while (!leases_.empty()) {
    const std::uint64_t number = std::prev(leases_.end())->first;
    leases_.erase(number);
    shared_.program.drop(number);
  }
}

Leases::Given Leases::add(abi::ResourceToken token, const std::string& holder) {
  const std::uint64_t number = shared_.program.add(token);
  try {
    const std::uint64_t life = shared_.resources.find(token)->life;
    leases_.emplace(number, holder);
    holders_[holder].numbers.insert(number);
    renew(holder);
    set_timer();
    return {number, worker_.seal(life, number)};
  } catch (const std::bad_alloc&) {
    remove(number);
    shared_.program.drop(number);
    throw;
  }
}

Result<std::uint64_t, std::string> Leases::find(std::span<const std::uint8_t> handle) const {
  const Result<HandleBlob, std::string> blob = worker_.open(handle);
  if (!blob) return blob.error();
  if (!leases_.contains(blob->resource))
    return std::string(
        "the resource is gone: it was dropped, given away, or its lease has expired");
  return blob->resource;
}

void Leases::remove(std::uint64_t number) {
  const auto lease = leases_.find(number);
  if (lease == leases_.end()) return;
  if (const auto holder = holders_.find(lease->second); holder != holders_.end()) {
    holder->second.numbers.erase(number);
    if (holder->second.numbers.empty()) holders_.erase(holder);
  }
  leases_.erase(lease);
}

void Leases::drop(std::span<const std::uint8_t> handle) {
  if (const Result<std::uint64_t, std::string> number = find(handle)) drop(*number);
}

void Leases::drop(std::uint64_t number) {
  if (!leases_.contains(number)) return;
  remove(number);
  shared_.program.drop(number);
}

void Leases::renew(const std::string& holder) {
  const auto known = holders_.find(holder);
  if (known == holders_.end()) return;
  known->second.end = call::Clock::now() + time_;
  try_set_timer();
}

void Leases::set_timer() {
  if (holders_.empty() || is_timing_) return;
  const auto first =
      std::ranges::min_element(holders_, {}, [](const auto& entry) { return entry.second.end; });
  timer_.expires_at(first->second.end);
  timer_.async_wait([post = post_expire_](asio::error_code error) {
    if (!error) post();
  });
  is_timing_ = true;
}

void Leases::expire() {
  is_timing_ = false;
  const auto now = call::Clock::now();
  // A destructor can do anything.
  while (true) {
    const auto late =
        std::ranges::find_if(holders_, [&](const auto& entry) { return entry.second.end <= now; });
    if (late == holders_.end()) break;
    drop(*late->second.numbers.begin());
  }
  try_set_timer();
}

void Leases::try_set_timer() {
  try {
    set_timer();
  } catch (const std::bad_alloc&) {
  }
}

}  // namespace tenon::remote
