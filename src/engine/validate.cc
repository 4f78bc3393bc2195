#include "engine/validate.h"

#include "engine/seam.h"

namespace tenon::engine {

Result<void> validate_component(std::span<const std::uint8_t> component) {
  const tenon_engine_slice_t bytes = to_slice(component);
  if (tenon_engine_problem_t* problem = tenon_engine_validate(&bytes)) {
    return take_problem(Code::ReadInvalid, problem);
  }
  return {};
}

}  // namespace tenon::engine
