#include "runtime/calls.h"

#include <fmt/format.h>

#include <list>
#include <new>
#include <unordered_map>
#include <utility>

#include "runtime/active_call.h"
#include "runtime/domain.h"
#include "runtime/guest_stream.h"
#include "runtime/scheduler.h"
#include "support/try.h"

namespace tenon::runtime {

namespace {

// Calls in progress that nobody waits for any more: with so many, a domain ends. Each keeps its task, with
// up to 30 KiB that the guest has used of its stack.
constexpr std::size_t kMostLeftBehind = 1024;
constexpr std::string_view kLeftBehind = "1024 calls that nobody waits for any more did not end";

}  // namespace

class Calls::Turns : public TurnTaker {
 public:
  using TurnTaker::begin_turn;

  explicit Turns(Calls& calls)
      : TurnTaker(calls.domain_.shared().scheduler, calls.domain_.place().taken_by()),
        calls_(calls) {}

  [[nodiscard]] const GuestThread* turned_by() const override {
    return domain().place().entered_by();
  }
  void note_passed_over() override { domain().place().note_turn_due(); }

  std::optional<call::Clock::time_point> end_late_waits() override {
    const auto& interrupts = domain().shared().interrupts;
    return list.end_late_waits(interrupts != nullptr ? interrupts->load(std::memory_order_relaxed)
                                                     : 0);
  }

  CallList list;

 protected:
  [[nodiscard]] Calls& calls() const { return calls_; }
  [[nodiscard]] Domain& domain() const { return calls_.domain_; }

 private:
  Calls& calls_;
};

class Calls::Loop final : public Turns {
 public:
  using Turns::Turns;

  [[nodiscard]] Result<void, engine::Failure> begin(engine::Store& store) {
    TENON_TRY(engine::EventLoop begun, engine::EventLoop::begin(store, [this] { wake(); }));
    loop.emplace(std::move(begun));
    return {};
  }

  // Not that of the current life: it waits, while a Replacement exists.
  [[nodiscard]] bool is_parked() const { return calls().loop_.get() != this; }
  void turn() override {
    if (is_parked()) return begin_turn();
    calls().turn();
  }
  // Keeps the first one.
  void keep_late(const CallFailure& late) noexcept {
    if (late_by) return;
    try {
      late_by.emplace(late);
    } catch (const std::bad_alloc&) {
      late_by.emplace(no_memory()).kind = late.kind;
    }
  }
  [[nodiscard]] bool is_idle() override {
    if (is_parked()) return true;
    // Guests without WASI wait for other domains, for the program or for bundles. The engine would take
    // these waits for something that can happen at any time.
    if (domain().denials() == nullptr) return true;
    const auto idle = domain().run_turn(list.first_bounds(), [&] { return loop->is_idle(); });
    if (idle) return *idle;
    calls().end_after_turn(idle.error());
    return false;
  }

  std::unordered_map<const call::FunctionShape*, std::unique_ptr<engine::ResultReader>> readers;
  std::optional<engine::HttpHandler> handler;
  std::optional<engine::EventLoop> loop;
  std::optional<engine::Failure> failure;  // of `end_soon`
  std::optional<CallFailure> late_by;      // of the first late call
  std::uint32_t taken = 0;                 // calls so far
  call::Clock::time_point idle_since = call::Clock::now();
};

// One turn is one call.
class Calls::Queue final : public Turns {
 public:
  using Turns::Turns;

  void add(std::unique_ptr<QueuedCall> call) {
    std::list<QueuedCall*> last = {call.get()};
    list.add(std::move(call));
    waiting_.splice(waiting_.end(), last);
    wake();
  }

  void turn() override {
    begin_turn();
    if (waiting_.empty() || calls().are_held()) return;
    QueuedCall& call = *waiting_.front();
    waiting_.pop_front();
    {
      const Place::RunLength length(domain().place());
      (void)list.remove(call).release();
      call.run(std::unique_ptr<QueuedCall>(&call));
    }
    if (!waiting_.empty()) wake();
    domain().shared().scheduler.note_turn();
  }
  [[nodiscard]] bool is_idle() override { return true; }

  [[nodiscard]] std::vector<CallPtr> take() {
    waiting_.clear();
    return list.take();
  }

 private:
  std::list<QueuedCall*> waiting_;  // of `list`
};

Calls::Calls(Domain& domain) : domain_(domain) {}
Calls::~Calls() = default;

std::span<const CallPtr> Calls::all() const {
  if (loop_) return loop_->list.all();
  if (queue_) return queue_->list.all();
  return {};
}

std::size_t Calls::count_unawaited() const {
  return static_cast<std::size_t>(
      std::ranges::count_if(all(), [](const CallPtr& call) { return !call->is_awaited(); }));
}

void Calls::end_program_waits(const CallFailure& failure) {
  std::vector<CallInProgress*> now;
  for (const CallPtr& call : all()) now.push_back(call.get());
  for (CallInProgress* const call : now) call->end_wait_with(failure);
}

Result<void, engine::Failure> Calls::begin_loop(engine::Store& store) {
  loop_.reset(new Loop(*this));
  return loop_->begin(store);
}

engine::EventLoop& Calls::loop() { return *loop_->loop; }

engine::ResultReader& Calls::keep(const call::FunctionShape* shape,
                                  std::unique_ptr<engine::ResultReader> reader) {
  return *loop_->readers.try_emplace(shape, std::move(reader)).first->second;
}

const engine::HttpHandler& Calls::http_handler(engine::WasiTrack track) {
  if (!loop_->handler) loop_->handler.emplace(domain_.instance(), track);
  return *loop_->handler;
}

void Calls::add(CallPtr call) {
  loop_->list.add(std::move(call));
  ++loop_->taken;
}

CallPtr Calls::remove(CallInProgress& call) {
  if (!loop_) return nullptr;
  CallPtr removed = loop_->list.remove(call);
  if (loop_->list.all().empty()) loop_->idle_since = call::Clock::now();
  return removed;
}

void Calls::end_soon(engine::Failure failure) {
  if (!loop_) return;
  if (!loop_->failure) loop_->failure = std::move(failure);
  loop_->wake();
}

void Calls::take_turn() {
  if (domain_.place().is_entered() || !ActiveCall::can_enter()) return;
  try {
    turn();
  } catch (const std::bad_alloc&) {
    // It is not the fault of whoever is on this stack. The scheduler takes the turn.
    if (loop_) loop_->wake();
  }
}

void Calls::turn() {
  if (!loop_) return;
  if (!unsettled_.is_empty()) settle_now(nullptr);
  loop_->begin_turn();
  const Result<void, engine::Failure> turned = [&] {
    const Place::RunLength length(domain_.place());
    return domain_.run_turn(loop_->list.first_bounds(), [&]() -> Result<void, engine::Failure> {
      TENON_TRY_VOID(loop().turn());
      if (auto& failure = loop_->failure) return *std::exchange(failure, std::nullopt);
      return {};
    });
  }();
  if (turned) {
    domain_.finish_drops();
    end_if_over();
    if (has_queued() && !are_held()) note_room();
    if (loop_) domain_.note_idle();
  } else {
    end_after_turn(turned.error());
  }
  domain_.shared().scheduler.note_turn();
}

bool Calls::must_queue() const {
  const Place& place = domain_.place();
  return place.computes() || are_held() || (place.is_entered() && !place.is_entered_here());
}

void Calls::queue(std::unique_ptr<QueuedCall> call) {
  if (!queue_) queue_ = std::make_unique<Queue>(*this);
  queue_->add(std::move(call));
}

bool Calls::has_queued() const { return queue_ && !queue_->list.all().empty(); }

void Calls::wake_queue() {
  if (queue_) queue_->wake();
}

bool Calls::are_held() const {
  const Place& place = domain_.place();
  return place.is_closed() || is_full() || (is_used_up() && place.is_entered());
}

bool Calls::loop_is_used_up() const {
  const CallsOfLife& most = domain_.calls_of_life();
  return most.are_counted() && (loop_->taken >= most.most || loop_->late_by);
}

bool Calls::loop_is_full() const {
  const CallsOfLife& most = domain_.calls_of_life();
  if (!most.are_counted()) return false;
  const std::size_t calls = loop_->list.all().size();
  return loop_is_used_up() ? calls != 0 : calls >= most.at_once;
}

call::Clock::time_point Calls::idle_since() const { return loop_->idle_since; }

void Calls::note_room() {
  wake_queue();
  domain_.place().note_change();
}

void Calls::settle_later(Posting settle) {
  unsettled_.append(std::move(settle));
  if (loop_) loop_->wake();
}

void Calls::settle_soon(Posting settle) {
  settle_later(std::move(settle));
  if (host_call_ != nullptr && domain_.place().is_entered_here()) settle_now(host_call_);
}

void Calls::settle_now(engine::HostCall* call) {
  Postings settling = std::move(unsettled_);
  while (!settling.is_empty()) {
    const Posting settle = settling.take_first();
    try {
      if (loop_) settle.run();
    } catch (const std::bad_alloc&) {
      // The next turn goes on.
      unsettled_.append(settle);
      unsettled_.append(std::move(settling));
      if (loop_) loop_->wake();
      throw;
    }
  }
  if (call != nullptr && loop_) loop().settle(*call);
}

void Calls::note_late(const CallFailure& failure) noexcept {
  if (failure.kind != CallFailure::Kind::Deadline || !loop_) return;
  loop_->keep_late(failure);
  note_unawaited();
}

void Calls::note_unawaited() noexcept {
  if (!loop_) return;
  if (!loop_->late_by && count_unawaited() >= kMostLeftBehind)
    loop_->keep_late(make_failure(CallFailure::Kind::Trap, kLeftBehind));
  // It may be in a turn now, or list its calls.
  if (loop_->late_by) loop_->wake();
}

void Calls::note_left(const CallFailure& failure) noexcept {
  if (!loop_) return;
  loop_->keep_late(failure);
  loop_->wake();
}

void Calls::end_if_over() {
  if (domain_.place().is_entered() || !loop_) return;
  if (loop_->list.all().empty() && loop_is_used_up() && domain_.is_alive())
    return domain_.end_served();
  if (!loop_->late_by) return;
  const std::size_t unawaited = count_unawaited();
  // It has ended all of its late calls by itself.
  if (unawaited == 0) return loop_->late_by.reset();
  if (unawaited != all().size() && unawaited < kMostLeftBehind) return;
  CallFailure failure = *loop_->late_by;
  if (failure.kind == CallFailure::Kind::Deadline)
    failure.message = "a call did not end before its deadline";
  domain_.end(failure);
}

void Calls::end_after_turn(const engine::Failure& turned) {
  if (turned.kind == engine::FailureKind::Exit)
    for (const CallPtr& call : all()) call->note_exit(turned.exit_code);
  const CallFailure failure = domain_.describe(turned, Entered::Yes);
  // With several calls in progress, it is unknown whose task it was.
  domain_.end(all().size() == 1 ? all().front()->explained(failure) : failure);
}

void Calls::DeleteLoop::operator()(Loop* loop) const { delete loop; }

Calls::LoopPtr Calls::exchange_loop(LoopPtr loop) {
  std::swap(loop, loop_);
  // A turn that was due while the loop was out was passed over.
  if (loop_) loop_->wake();
  return loop;
}

std::vector<CallPtr> Calls::end_loop(LoopPtr loop) {
  return loop ? loop->list.take() : std::vector<CallPtr>();
}

std::vector<CallPtr> Calls::take_queued() {
  return queue_ ? queue_->take() : std::vector<CallPtr>();
}

}  // namespace tenon::runtime
