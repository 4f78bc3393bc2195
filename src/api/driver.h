// Lets a composition run for the program: for tasks that wait, and for an executor.
#pragma once

#include <memory>

#include "link/link.h"
#include "tenon/task.h"

namespace tenon::api {

[[nodiscard]] std::shared_ptr<detail::Driver> make_driver(
    const std::weak_ptr<link::Running>& running);

// Runs what is due in a composition whenever there is something, on the executor.
void run_on(Executor& executor, const std::shared_ptr<link::Running>& running);

}  // namespace tenon::api
