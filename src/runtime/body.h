// What lives in the store of a domain: instances of one component, or of one package.
#pragma once

#include "engine/failure.h"
#include "engine/store.h"
#include "tenon/result.h"

namespace tenon::runtime {

// Thread: that of its domain.
class Body {
 public:
  virtual ~Body() = default;

  // Begins a life in a fresh store; nothing of the one before is left. Start functions run.
  [[nodiscard]] virtual Result<void, engine::Failure> begin(engine::Store& store) = 0;
  // The store is about to go.
  virtual void end() = 0;
};

// What one call of a body does in its store, once the domain is entered.
class BodyCall {
 public:
  virtual ~BodyCall() = default;
  [[nodiscard]] virtual Result<void, engine::Failure> run(engine::Store& store) = 0;
};

}  // namespace tenon::runtime
