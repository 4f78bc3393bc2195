#include "remote/reactor.h"

#include <asio/executor_work_guard.hpp>
#include <asio/post.hpp>

namespace tenon::remote {

// Without work, the context would stop.
Reactor::Reactor() : work_(asio::make_work_guard(context_)) {}

Reactor::~Reactor() = default;

void Reactor::run(std::optional<call::Clock::time_point> until) {
  if (until)
    (void)context_.run_one_until(*until);
  else
    (void)context_.run_one();
  // What else is ready by now.
  (void)context_.poll();
}

void Reactor::interrupt() {
  asio::post(context_, [] {});
}

}  // namespace tenon::remote
