#include "remote/leases.h"

#include <algorithm>
#include <functional>
#include <utility>
#include <vector>

#include "runtime/resource_table.h"

namespace tenon::remote {

Leases::Leases(const Worker& worker, std::chrono::milliseconds time, Reactor& reactor,
               runtime::Shared& shared)
    : worker_(worker), time_(time), shared_(shared), timer_(reactor.context()) {}

Leases::~Leases() {
  std::vector<std::uint64_t> numbers;
  for (const auto& [number, holder] : leases_) numbers.push_back(number);
  // The youngest first, as in a composition that ends.
  std::ranges::sort(numbers, std::ranges::greater());
  for (const std::uint64_t number : numbers) shared_.program.drop(number);
}

Bytes Leases::add(abi::ResourceToken token, const std::string& holder) {
  const std::uint64_t number = shared_.program.add(token);
  const std::uint64_t life = shared_.resources.find(token)->life;
  leases_.emplace(number, holder);
  holders_[holder].numbers.insert(number);
  renew(holder);
  set_timer();
  return worker_.seal(life, number);
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
  const auto holder = holders_.find(lease->second);
  holder->second.numbers.erase(number);
  if (holder->second.numbers.empty()) holders_.erase(holder);
  leases_.erase(lease);
}

void Leases::drop(std::span<const std::uint8_t> handle) {
  const Result<std::uint64_t, std::string> number = find(handle);
  if (!number) return;
  remove(*number);
  shared_.program.drop(*number);
}

void Leases::renew(const std::string& holder) {
  const auto known = holders_.find(holder);
  if (known != holders_.end()) known->second.end = call::Clock::now() + time_;
}

void Leases::set_timer() {
  if (holders_.empty() || std::exchange(is_timing_, true)) return;
  const auto first =
      std::ranges::min_element(holders_, {}, [](const auto& entry) { return entry.second.end; });
  timer_.expires_at(first->second.end);
  timer_.async_wait([&scheduler = shared_.scheduler,
                     link = std::weak_ptr<Leases*>(link_)](asio::error_code error) {
    if (error) return;
    scheduler.post([link] {
      if (const auto held = link.lock()) (*held)->expire();
    });
  });
}

void Leases::expire() {
  is_timing_ = false;
  const auto now = call::Clock::now();
  std::vector<std::uint64_t> numbers;
  for (const auto& [name, holder] : holders_)
    if (holder.end <= now)
      numbers.insert(numbers.end(), holder.numbers.begin(), holder.numbers.end());
  for (const std::uint64_t number : numbers) {
    remove(number);
    shared_.program.drop(number);
  }
  set_timer();
}

}  // namespace tenon::remote
