// `limit`: calls that exceed a rate, a number at the same time or a size fail.
//
// The rate is a token bucket: it holds as many tokens as calls are allowed in the time, and they come
// back one by one. A call that finds none fails at once, because a guest that waits would keep its
// domain busy.
#include <fmt/core.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "middleware/kinds.h"
#include "runtime/observer.h"
#include "support/measures.h"

namespace tenon::middleware {

namespace {

using Clock = std::chrono::steady_clock;

struct Limits {
  std::string name;
  std::optional<CallRate> rate;
  std::uint32_t concurrency = 0;
  std::optional<std::uint64_t> size;
};

// What the calls of all edges share.
class Counter final {
 public:
  explicit Counter(Limits limits)
      : limits_(std::move(limits)),
        tokens_(limits_.rate ? static_cast<double>(limits_.rate->calls) : 0) {}

  [[nodiscard]] const Limits& limits() const { return limits_; }

  // Counts a call. Why it cannot be made; nothing: it can, and `leave` must follow.
  [[nodiscard]] std::optional<std::string> enter() {
    if (limits_.concurrency != 0 && calls_ == limits_.concurrency)
      return fmt::format("`{}` allows {} call{} at the same time", limits_.name,
                         limits_.concurrency, limits_.concurrency == 1 ? "" : "s");
    if (limits_.rate && !take_token())
      return fmt::format("`{}` allows {} call{} in {}", limits_.name, limits_.rate->calls,
                         limits_.rate->calls == 1 ? "" : "s", print_duration(limits_.rate->per));
    ++calls_;
    return std::nullopt;
  }
  void leave() { --calls_; }

 private:
  bool take_token() {
    const Clock::time_point now = Clock::now();
    const double most = static_cast<double>(limits_.rate->calls);
    const std::chrono::duration<double> passed = now - filled_;
    const std::chrono::duration<double> per = limits_.rate->per;
    tokens_ = std::min(most, tokens_ + passed / per * most);
    filled_ = now;
    if (tokens_ < 1) return false;
    tokens_ -= 1;
    return true;
  }

  Limits limits_;
  std::uint32_t calls_ = 0;
  double tokens_;
  Clock::time_point filled_ = Clock::now();
};

// The place that a call takes among those at the same time. Move-only.
class Place final {
 public:
  // REQUIRES: the call was counted
  explicit Place(std::shared_ptr<Counter> counter) : counter_(std::move(counter)) {}
  Place(Place&&) noexcept = default;
  Place& operator=(Place&&) = delete;
  ~Place() {
    if (counter_ != nullptr) counter_->leave();
  }

  [[nodiscard]] const Limits& limits() const { return counter_->limits(); }

 private:
  std::shared_ptr<Counter> counter_;
};

// Keeps the place until the call has ended.
class Slot : public call::CallHook {
 public:
  explicit Slot(Place place) : place_(std::move(place)) {}

 protected:
  [[nodiscard]] const Limits& limits() const { return place_.limits(); }

 private:
  Place place_;
};

std::string describe_size(const Limits& limits, std::string_view what) {
  return fmt::format("`{}` allows {} of at most {}", limits.name, what, print_size(*limits.size));
}

// The same for a limit with `size`, which a result can exceed.
class SizedSlot final : public Slot {
 public:
  SizedSlot(call::Call& /*call*/, Place place, const Edge& edge)
      : Slot(std::move(place)), function_(edge.function), shape_(edge.shape) {}

  void see_result(const abi::From& result) override {
    abi::ValueArena arena;
    const auto copied = runtime::Observer::copy_result(*shape_, result, arena);
    // A malformed result is reported by whoever takes it.
    if (!copied) return;
    is_large_ = runtime::Observer::count_bytes(*shape_, arena) > *limits().size;
  }
  void change_outcome(call::Call& call, CallResult<void>& outcome) override {
    if (const auto result = call.passed_result(); result && outcome) see_result(*result);
    if (is_large_ && outcome) outcome = make_refusal(function_, describe_size(limits(), "results"));
  }

 private:
  std::string function_;
  std::shared_ptr<const call::FunctionShape> shape_;
  bool is_large_ = false;
};

class LimitedCallee final : public call::Callee {
 public:
  LimitedCallee(std::shared_ptr<Counter> counter, Edge edge, std::unique_ptr<call::Callee> callee)
      : counter_(std::move(counter)), edge_(std::move(edge)), callee_(std::move(callee)) {}

  void start(call::Call& call) override {
    if (counter_->limits().size && exceeds_size(call))
      return call.finish(
          make_refusal(edge_.function, describe_size(counter_->limits(), "arguments")));
    if (std::optional<std::string> why = counter_->enter())
      return call.finish(make_refusal(edge_.function, *std::move(why)));
    Place place(counter_);
    if (counter_->limits().size)
      return start_with_hook<SizedSlot>(call, *callee_, std::move(place), edge_);
    if (call.ends_later()) {
      call.add_hook(std::make_unique<Slot>(std::move(place)));
      return callee_->start(call);
    }
    callee_->start(call);
  }

 private:
  // Malformed parameters are reported by the callee that takes them.
  [[nodiscard]] bool exceeds_size(call::Call& call) const {
    const abi::From* const params = call.params();
    if (params == nullptr) return false;
    abi::ValueArena arena;
    const auto copied = runtime::Observer::copy_params(*edge_.shape, *params, arena);
    if (!copied) return copied.error().kind == abi::AbiErrorKind::Limit;
    return runtime::Observer::count_bytes(*edge_.shape, arena) > *counter_->limits().size;
  }

  std::shared_ptr<Counter> counter_;
  Edge edge_;
  std::unique_ptr<call::Callee> callee_;
};

class Limit final : public Middleware {
 public:
  explicit Limit(Limits limits) : counter_(std::make_shared<Counter>(std::move(limits))) {}

  Result<std::unique_ptr<call::Callee>> wrap(Edge edge,
                                             std::unique_ptr<call::Callee> callee) override {
    return std::unique_ptr<call::Callee>(
        std::make_unique<LimitedCallee>(counter_, std::move(edge), std::move(callee)));
  }

 private:
  std::shared_ptr<Counter> counter_;
};

}  // namespace

MiddlewarePtr make_limit(const std::string& name, const tenon::Middleware& settings) {
  return std::make_unique<Limit>(Limits{name, settings.rate, settings.concurrency, settings.size});
}

}  // namespace tenon::middleware
