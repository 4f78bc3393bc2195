#include "runtime/instance_pool.h"

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <new>
#include <optional>
#include <utility>

#include "runtime/active_call.h"
#include "runtime/scheduler.h"

namespace tenon::runtime {

namespace {

class PooledFunction final : public call::Callee {
 public:
  PooledFunction(InstancePool& pool, std::shared_ptr<const call::FunctionShape> shape,
                 ExportNames names)
      : pool_(pool),
        shape_(std::move(shape)),
        names_(std::make_shared<const ExportNames>(std::move(names))) {}

  void start(call::Call& call) override {
    const std::size_t at = pool_.pick();
    try {
      if (at >= functions_.size()) functions_.resize(at + 1);
      if (functions_[at] == nullptr)
        functions_[at] = std::make_unique<ExportedFunction>(pool_.at(at), shape_, names_);
      functions_[at]->start(call);
    } catch (const std::bad_alloc&) {
      pool_.at(at).put_back();
      throw;
    }
  }

 private:
  InstancePool& pool_;
  std::shared_ptr<const call::FunctionShape> shape_;
  std::shared_ptr<const ExportNames> names_;
  // By position in the pool; null until the first call. A pool has a caller for each instance of another.
  std::vector<std::unique_ptr<ExportedFunction>> functions_;
};

// How a domain can serve a call at once.
enum class Room : std::uint8_t { None, Asleep, Shared, Idle };

Room find_room(const Domain& domain) {
  const Calls& calls = domain.calls();
  const Domain::State state = domain.state();
  if (calls.has_queued()) return Room::None;
  if (state == Domain::State::Asleep) return Room::Asleep;
  if (state == Domain::State::Ready)
    return !calls.has_loop() || calls.all().empty() ? Room::Idle : Room::Shared;
  // A guest that is on a stack takes calls that it shares its life with.
  const bool is_taking = state == Domain::State::Entered && calls.has_loop() &&
                         domain.calls_of_life().at_once > 1 && !calls.are_held();
  return is_taking ? Room::Shared : Room::None;
}

}  // namespace

// Begins and ends lives that no call needs yet, or any more.
class InstancePool::Keeper final : public TurnTaker {
 public:
  Keeper(InstancePool& pool, const Ready& ready)
      : TurnTaker(pool.first_.shared().scheduler, kTakenBy), pool_(pool), ready_(ready) {
    wake();
  }

  // A call uses one of the lives.
  void note_use() {
    has_failed_ = false;
    wake();
  }

  [[nodiscard]] const GuestThread* turned_by() const override { return turned_by_; }
  [[nodiscard]] bool is_idle() override { return true; }
  std::optional<call::Clock::time_point> end_late_waits() override {
    const std::optional<call::Clock::time_point> end = next_end();
    if (end && *end <= call::Clock::now()) wake();
    return end;
  }
  // Begins one life at most, because a call may have come meanwhile.
  void turn() override {
    begin_turn();
    turned_by_ = &GuestThread::current();
    try {
      if (end_others() < ready_.count && !has_failed_) begin_one();
    } catch (const std::bad_alloc&) {
      turned_by_ = nullptr;
      throw;
    }
    turned_by_ = nullptr;
    pool_.first_.shared().scheduler.note_turn();
  }

 private:
  static constexpr std::atomic<TakenBy> kTakenBy = TakenBy::Waiting;

  // When the life that has waited longest has waited long enough.
  [[nodiscard]] std::optional<call::Clock::time_point> next_end() const {
    if (pool_.waiting_.size() <= ready_.count) return std::nullopt;
    const Domain& domain = pool_.at(pool_.waiting_.front());
    // A swap ends it.
    if (domain.place().is_closed() || find_room(domain) != Room::Idle) return std::nullopt;
    return domain.calls().idle_since() + ready_.idle;
  }

  // Ends the lives that have waited long enough, except those to keep ready. Returns how many wait.
  std::size_t end_others() {
    const auto now = call::Clock::now();
    for (auto end = next_end(); end && *end <= now; end = next_end())
      pool_.at(pool_.waiting_.front()).end_served();
    return pool_.waiting_.size();
  }

  void begin_one() {
    if (pool_.asleep_.empty() || pool_.at(pool_.asleep_.back()).place().is_closed()) return;
    const std::optional<std::size_t> at = pool_.take_last(pool_.asleep_);
    if (!at) return;
    Domain& domain = pool_.at(*at);
    try {
      // The next call reports why.
      has_failed_ = domain.make_ready().has_value();
    } catch (const std::bad_alloc&) {
      domain.put_back();
      throw;
    }
    if (has_failed_) return pool_.note_end(*at);
    // Calls may have come while it began.
    if (find_room(domain) == Room::Idle) pool_.note_waiting(*at);
    wake();
  }

  InstancePool& pool_;
  const Ready ready_;
  const GuestThread* turned_by_ = nullptr;
  bool has_failed_ = false;  // the last life that was begun, since a call was made
};

InstancePool::InstancePool(Domain& first, std::size_t size) : first_(first) {
  while (others_.size() + 1 < size)
    others_.push_back(std::make_unique<Domain>(first.shared(), first.name()));
  listed_.resize(this->size());
  // So that a domain can always be noted.
  waiting_.reserve(this->size());
  asleep_.reserve(this->size());
  for (std::size_t i = this->size(); i-- > 0;) {
    at(i).set_pool(this, i);
    enlist(i, Listed::Asleep);
  }
}

InstancePool::~InstancePool() { first_.set_pool(nullptr, 0); }

void InstancePool::keep_ready(const Ready& ready) {
  end_keeping();
  keeper_ = std::make_unique<Keeper>(*this, ready);
}

void InstancePool::end_keeping() { keeper_.reset(); }

void InstancePool::enlist(std::size_t at, Listed as) {
  Listed& listed = listed_[at];
  if (listed == as) return;
  // A life that waited has ended without a call, or one has begun without.
  const Listed was = std::exchange(listed, Listed::No);
  if (was != Listed::No) std::erase(was == Listed::Waiting ? waiting_ : asleep_, at);
  (as == Listed::Waiting ? waiting_ : asleep_).push_back(at);
  listed = as;
}

void InstancePool::note_end(std::size_t at) {
  enlist(at, Listed::Asleep);
  if (keeper_ != nullptr) keeper_->wake();
}

std::optional<std::size_t> InstancePool::take_last(std::vector<std::size_t>& list) {
  // Those that a swap has closed stay in the list.
  const auto found = std::find_if(list.rbegin(), list.rend(), [this](std::size_t position) {
    return find_room(at(position)) != Room::None;
  });
  if (found == list.rend()) return std::nullopt;
  const std::size_t taken = *found;
  list.erase(std::prev(found.base()));
  listed_[taken] = Listed::No;
  return taken;
}

std::optional<std::size_t> InstancePool::find_shared() {
  std::optional<std::size_t> best;
  if (first_.calls_of_life().at_once <= 1) return best;
  std::pair<bool, std::size_t> least;  // whether it computes, and its calls
  for (std::size_t i = 0; i < size(); ++i) {
    const Domain& domain = at(i);
    if (find_room(domain) != Room::Shared) continue;
    const std::pair calls(domain.place().computes(), domain.calls().all().size());
    if (best && calls >= least) continue;
    best = i;
    least = calls;
  }
  return best;
}

std::size_t InstancePool::pick() {
  if (keeper_ != nullptr) keeper_->note_use();
  if (const auto waiting = take_last(waiting_)) return *waiting;
  const std::optional<std::size_t> shared = find_shared();
  if (shared && !at(*shared).place().computes()) return *shared;
  if (const auto asleep = take_last(asleep_)) return *asleep;
  if (shared) return *shared;
  std::optional<std::size_t> next;
  for (std::size_t i = 0; i < size(); ++i) {
    const std::size_t turn = (next_ + i) % size();
    // The last call of this one has not begun a life.
    if (find_room(at(turn)) != Room::None) return turn;
    // A call on this stack would wait for itself.
    if (!next && !at(turn).place().is_entered_here()) next = turn;
  }
  next_ = next.value_or(0) + 1;
  return next.value_or(0);
}

std::unique_ptr<call::Callee> make_exported_function(
    Domain& domain, std::shared_ptr<const call::FunctionShape> shape, ExportNames names) {
  if (InstancePool* const pool = domain.pool())
    return std::make_unique<PooledFunction>(*pool, shape, std::move(names));
  return std::make_unique<ExportedFunction>(domain, std::move(shape), std::move(names));
}

}  // namespace tenon::runtime
