#include "runtime/instance_pool.h"

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <functional>
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
    if (at >= functions_.size()) functions_.resize(at + 1);
    if (functions_[at] == nullptr)
      functions_[at] = std::make_unique<ExportedFunction>(pool_.at(at), shape_, names_);
    functions_[at]->start(call);
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
    for (std::size_t i = 0; i < pool.size(); ++i) pool.at(i).set_on_end(this);
    wake();
  }
  ~Keeper() override {
    for (std::size_t i = 0; i < pool_.size(); ++i) pool_.at(i).set_on_end(nullptr);
  }

  // A call uses one of the lives.
  void note_use() {
    has_failed_ = false;
    wake();
  }

  [[nodiscard]] const GuestThread* turned_by() const override { return turned_by_; }
  [[nodiscard]] bool is_idle() override { return true; }
  std::optional<call::Clock::time_point> end_late_waits() override {
    if (next_end_ && *next_end_ <= call::Clock::now()) wake();
    return next_end_;
  }
  // Begins one life at most, because a call may have come meanwhile.
  void turn() override {
    begin_turn();
    turned_by_ = &GuestThread::current();
    if (end_others() < ready_.count && !has_failed_) begin_one();
    turned_by_ = nullptr;
  }

 private:
  static constexpr std::atomic<TakenBy> kTakenBy = TakenBy::Waiting;

  // Ends the lives that have waited long enough, except those to keep ready. Returns how many wait.
  std::size_t end_others() {
    std::vector<std::pair<call::Clock::time_point, Domain*>> waiting;
    for (std::size_t i = 0; i < pool_.size(); ++i) {
      Domain& domain = pool_.at(i);
      if (!domain.place().is_closed() && domain.is_alive() && find_room(domain) == Room::Idle)
        waiting.emplace_back(domain.calls().idle_since(), &domain);
    }
    next_end_.reset();
    if (waiting.size() <= ready_.count) return waiting.size();
    // The last one that was used comes first.
    std::ranges::sort(waiting, std::ranges::greater(),
                      [](const auto& entry) { return entry.first; });
    const auto now = call::Clock::now();
    while (waiting.size() > ready_.count) {
      const auto [since, domain] = waiting.back();
      if (const auto end = since + ready_.idle; end > now) {
        next_end_ = end;
        break;
      }
      domain->end_served();
      waiting.pop_back();
    }
    return waiting.size();
  }

  void begin_one() {
    for (std::size_t i = 0; i < pool_.size(); ++i) {
      Domain& domain = pool_.at(i);
      if (domain.place().is_closed() || find_room(domain) != Room::Asleep) continue;
      // The next call reports why.
      has_failed_ = domain.make_ready().has_value();
      if (!has_failed_) wake();
      return;
    }
  }

  InstancePool& pool_;
  const Ready ready_;
  const GuestThread* turned_by_ = nullptr;
  std::optional<call::Clock::time_point> next_end_;  // of a life that waits
  bool has_failed_ = false;  // the last life that was begun, since a call was made
};

InstancePool::InstancePool(Domain& first, std::size_t size) : first_(first) {
  while (others_.size() + 1 < size)
    others_.push_back(std::make_unique<Domain>(first.shared(), first.name()));
  first.set_pool(*this);
}

InstancePool::~InstancePool() = default;

void InstancePool::keep_ready(const Ready& ready) {
  end_keeping();
  keeper_ = std::make_unique<Keeper>(*this, ready);
}

void InstancePool::end_keeping() { keeper_.reset(); }

std::size_t InstancePool::pick() {
  if (keeper_ != nullptr) keeper_->note_use();
  std::size_t best = 0;
  std::pair<Room, std::size_t> best_room = {Room::None, 0};
  for (std::size_t i = 0; i < size(); ++i) {
    const Domain& domain = at(i);
    const Room room = find_room(domain);
    if (room == Room::Idle) return i;
    if (room == Room::None) continue;
    // Of those that share a life, the fewest; and no life that computes while another can begin.
    const bool computes = room == Room::Shared && domain.place().computes();
    const std::pair this_room = {
        computes ? Room::Asleep : room,
        SIZE_MAX - (room == Room::Shared ? domain.calls().all().size() : 0)};
    if (this_room <= best_room) continue;
    best = i;
    best_room = this_room;
  }
  if (best_room.first != Room::None) return best;
  // A call on this stack would wait for itself.
  for (std::size_t i = 0; i < size(); ++i) {
    const std::size_t turn = (next_ + i) % size();
    if (at(turn).place().is_entered_here()) continue;
    next_ = turn + 1;
    return turn;
  }
  return 0;
}

std::unique_ptr<call::Callee> make_exported_function(
    Domain& domain, std::shared_ptr<const call::FunctionShape> shape, ExportNames names) {
  if (InstancePool* const pool = domain.pool())
    return std::make_unique<PooledFunction>(*pool, shape, std::move(names));
  return std::make_unique<ExportedFunction>(domain, std::move(shape), std::move(names));
}

}  // namespace tenon::runtime
