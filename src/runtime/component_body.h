// The instance of a domain's component.
#pragma once

#include <memory>
#include <optional>
#include <utility>

#include "engine/code.h"
#include "engine/linker.h"
#include "runtime/body.h"

namespace tenon::runtime {

class ComponentBody final : public Body {
 public:
  // linker: which others may use too.
  ComponentBody(std::shared_ptr<const engine::CompiledComponent> code,
                std::shared_ptr<engine::Linker> linker)
      : code_(std::move(code)), linker_(std::move(linker)) {}

  Result<void, engine::Failure> begin(engine::Store& store) override;
  void end() override { instance_.reset(); }

  // REQUIRES: it has begun
  [[nodiscard]] engine::Instance& instance() { return *instance_; }

 private:
  std::shared_ptr<const engine::CompiledComponent> code_;
  std::shared_ptr<engine::Linker> linker_;
  std::optional<engine::Instance> instance_;
};

}  // namespace tenon::runtime
