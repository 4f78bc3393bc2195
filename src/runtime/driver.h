// Lets a composition run while the program waits for a task.
#pragma once

#include <memory>

#include "runtime/shared.h"
#include "tenon/task.h"

namespace tenon::runtime {

[[nodiscard]] std::shared_ptr<detail::Driver> make_driver(const std::weak_ptr<Owner>& owner);

}  // namespace tenon::runtime
