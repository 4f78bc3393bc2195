// A life of a domain: one engine store with one instantiation of the domain's code, and what it is made from.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "call/bounds.h"
#include "engine/code.h"
#include "engine/engine.h"
#include "engine/linker.h"
#include "engine/raw_call.h"
#include "engine/store.h"
#include "runtime/resource_table.h"
#include "tenon/result.h"

namespace tenon::runtime {

// The content of a domain's store: the instances of one component, or the instance of one package.
// Thread: that of the domain.
class Body {
 public:
  virtual ~Body() = default;

  // Instantiates the code in a fresh store, which includes its start functions.
  [[nodiscard]] virtual Result<void, engine::Failure> begin(engine::Store& store) = 0;
  // Called before the store is destroyed.
  virtual void end() = 0;
};

// A body whose code is loaded when the first life begins.
class LateBody {
 public:
  virtual ~LateBody() = default;

  // Loads the code, which can take seconds. Called without the lock of the composition.
  [[nodiscard]] virtual Result<void> load() = 0;
  // REQUIRES: `load` succeeded
  [[nodiscard]] virtual Result<std::unique_ptr<Body>> make() = 0;
};

class ComponentBody final : public Body {
 public:
  // A failure is that of each life.
  using Prepared = Result<engine::PreparedComponent, engine::Failure>;

  // prepared: can be shared with other bodies.
  explicit ComponentBody(std::shared_ptr<const Prepared> prepared)
      : prepared_(std::move(prepared)) {}

  Result<void, engine::Failure> begin(engine::Store& store) override;
  void end() override { instance_.reset(); }

  // REQUIRES: `begin` succeeded, and `end` has not been called since
  [[nodiscard]] engine::Instance& instance() { return *instance_; }

 private:
  std::shared_ptr<const Prepared> prepared_;
  std::optional<engine::Instance> instance_;
};

// The work of one call in the store of a domain whose body is not a component (`Domain::run`).
class BodyCall {
 public:
  virtual ~BodyCall() = default;
  [[nodiscard]] virtual Result<void, engine::Failure> run(engine::Store& store) = 0;
};

// Whether a domain that has ended begins a fresh life at the next call.
struct RestartPolicy {
  std::uint32_t max = 0;  // number of restarts; 0: never
  // Only restarts within this time count towards `max`. Absent: all of them count.
  std::optional<std::chrono::nanoseconds> window = {};
};

// How many calls a life is for.
struct CallsOfLife {
  std::uint32_t most = 0;     // after which it ends; 0: it does not end by itself
  std::uint32_t at_once = 1;  // of those; used if `most` is set
  // Whether it goes on after them until its guests have nothing more to do.
  bool outlasts_them = false;

  [[nodiscard]] bool are_counted() const { return most != 0; }
};

// Translates a failure of the engine: byte offsets become units and functions.
using DescribeFailure = std::function<CallFailure(const engine::Failure&)>;

// Everything that a life of a domain is made from. Kept for restarts.
struct DomainParts {
  std::shared_ptr<const engine::Engine> engine;
  std::unique_ptr<Body> body;                         // null until the first life, if it is late
  std::unique_ptr<LateBody> late_body;                // null if `body` is there
  std::unique_ptr<const engine::Grants> grants;       // null: no WASI
  std::unique_ptr<const engine::StoreLimits> limits;  // null: the engine's defaults
  RestartPolicy restart;
  // Time limit of one call from outside of the domain. Requires an engine that can be interrupted.
  std::optional<call::TimeLimit> call_limit = {};
  // Counted ones require a component, and more than one of them a concurrent engine.
  CallsOfLife calls;
  DescribeFailure describe;

  [[nodiscard]] engine::StoreLimits store_limits() const {
    return limits ? *limits : engine::StoreLimits();
  }
};

struct Life {
  DomainParts parts;
  // From 1. Anything that belongs to an earlier life is stale. 0: it has not begun.
  std::uint64_t number = 0;
  std::optional<engine::Store> store = {};           // absent: it has not begun, or has ended
  std::shared_ptr<const CallFailure> ended_by = {};  // null: it has not ended
  DropQueue drops = {};                              // of resources of its guests

  // Opens the store, of a body that has been loaded. Errors: run-grant, run-engine.
  [[nodiscard]] Result<void> open();
  // Destroys the store, if there is one.
  void end();
  // Adds the limits that ended a call of its guests, or may have. bounds: of the call; null if it had none.
  // domain: the name of the domain.
  void add_limits(CallFailure& failure, engine::FailureKind kind, const call::Bounds* bounds,
                  const std::string& domain) const;
};

// Failures that pass through the guests of a domain. The error that makes a guest trap carries only a
// number, so the failure of its call waits here until the domain describes the trap. A guest traps once,
// however many of its calls fail.
class FailureBox final {
 public:
  [[nodiscard]] std::uint64_t keep(CallFailure failure) {
    failures_.emplace(next_, std::move(failure));
    return next_++;
  }
  [[nodiscard]] std::optional<CallFailure> take(std::uint64_t number) {
    auto kept = failures_.extract(number);
    return kept ? std::optional(std::move(kept.mapped())) : std::nullopt;
  }
  // The life has ended. Numbers are not used again.
  void clear() { failures_.clear(); }

 private:
  std::uint64_t next_ = 1;
  std::unordered_map<std::uint64_t, CallFailure> failures_;
};

// How often ended lives of a domain were replaced.
class Restarts final {
 public:
  // Whether the policy allows a restart now. If so, `add` needs no memory.
  [[nodiscard]] bool allows(const RestartPolicy& policy);
  // Counts a restart that the policy allowed.
  void add(const RestartPolicy& policy) noexcept;
  // Earlier restarts do not count towards a policy any more.
  void forget() {
    recent_.clear();
    counted_ = 0;
  }
  [[nodiscard]] std::uint64_t count() const { return count_; }

 private:
  std::vector<std::chrono::steady_clock::time_point>
      recent_;                 // that may be in the window of a policy
  std::uint64_t counted_ = 0;  // since `forget`, for a policy without a window
  std::uint64_t count_ = 0;
};

}  // namespace tenon::runtime
