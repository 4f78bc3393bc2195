#include "runtime/component_body.h"

namespace tenon::runtime {

Result<void, engine::Failure> ComponentBody::begin(engine::Store& store) {
  Result<engine::Instance, engine::Failure> instance = linker_->instantiate(store, *code_);
  if (!instance) return std::move(instance).error();
  instance_.emplace(*std::move(instance));
  return {};
}

}  // namespace tenon::runtime
