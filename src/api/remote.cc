// Implements the public Server, and what a composition tells about its remote units.
#include "tenon/remote.h"

#include <atomic>
#include <functional>
#include <mutex>
#include <new>
#include <utility>

#include "api/states.h"
#include "http/message.h"
#include "link/running.h"
#include "link/serve.h"
#include "remote/peer.h"
#include "remote/remotes.h"
#include "runtime/woken_task.h"
#include "support/diagnostics.h"
#include "tenon/composition.h"

namespace tenon {

struct Server::State {
  std::shared_ptr<link::Running> running;
  link::Serving serving;
  std::mutex stopping;  // held by `stop` as long as it uses this object
  std::atomic<bool> is_stopped = false;

  // Without those that are left behind.
  [[nodiscard]] Counts count() const {
    Counts counts;
    if (serving.server != nullptr) counts = serving.server->counts();
    if (serving.http == nullptr) return counts;
    const http::Server::Counts http = serving.http->counts();
    counts.calls += http.requests;
    counts.failures += http.failures;
    counts.clients_left += http.left;
    counts.in_progress += http.in_progress;
    counts.connections += http.connections;
    return counts;
  }
  // A handler can have something to do after its answer.
  [[nodiscard]] bool has_drained() const {
    if (serving.server != nullptr && serving.server->counts().connections != 0) return false;
    if (serving.http == nullptr) return true;
    const http::Server::Counts http = serving.http->counts();
    // So can those behind it, in domains of their own.
    const auto is_busy = [](const runtime::Domain* domain) {
      return domain->calls_of_life().are_counted() && !domain->calls().all().empty();
    };
    return http.connections == 0 && http.in_progress == 0 &&
           std::ranges::none_of(link::list_domains(*running), is_busy);
  }
};

Server::Server(std::unique_ptr<State> state) : state_(std::move(state)) {}
Server::Server(Server&&) noexcept = default;
Server& Server::operator=(Server&&) noexcept = default;

Server::~Server() {
  if (state_ == nullptr) return;
  const runtime::OwnerLock::Entry entry(*state_->running->shared.lock);
  state_->serving.server.reset();
  state_->serving.http.reset();
}

std::span<const std::string> Server::addresses() const { return state_->serving.addresses; }
std::span<const ServedItem> Server::functions() const { return state_->serving.functions; }

bool Server::run(std::chrono::milliseconds drain) {
  runtime::Shared& shared = state_->running->shared;
  const runtime::OwnerLock::Entry entry(*shared.lock);
  if (!entry.is_in()) return false;
  using runtime::Scheduler;
  const auto wait = [&](const std::function<bool()>& is_done, const call::Bounds* bounds) {
    while (true) {
      try {
        return shared.scheduler.wait(is_done, bounds, Scheduler::OnIdle::Wait);
      } catch (const std::bad_alloc&) {
        // The turn of a guest that had no memory is due again.
      }
    }
  };
  (void)wait([&] { return state_->is_stopped.load(); }, nullptr);
  // The server can be destroyed as soon as `run` returns.
  {
    const std::lock_guard lock(state_->stopping);
  }
  if (state_->serving.server != nullptr) state_->serving.server->drain();
  if (state_->serving.http != nullptr) state_->serving.http->drain();
  call::Bounds bounds;
  bounds.deadline = call::Deadline{call::Clock::now() + drain, "drain", {}};
  return wait([&] { return state_->has_drained(); }, &bounds) == Scheduler::WaitEnd::Done;
}

void Server::stop() {
  const std::lock_guard lock(state_->stopping);
  state_->is_stopped = true;
  state_->running->shared.scheduler.wake_waits();
}

Task<CallResult<HttpResponse>> Server::send(HttpRequest request) {
  using Sent = runtime::WokenTask<HttpResponse>;
  if (state_->serving.http == nullptr) {
    Diagnostic problem =
        make_diagnostic(Code::HttpHandler, "the server does not answer HTTP requests");
    problem.hints.emplace_back("set `HttpOptions::in_process`, or give it an address");
    return Sent::fail(http::refuse_call({std::move(problem)}));
  }
  const runtime::OwnerLock::Entry entry(*state_->running->shared.lock);
  if (!entry.is_in()) return Sent::fail(entry.failure());
  return state_->serving.http->send(std::move(request));
}

Result<void> Server::reload_tls() {
  return state_->serving.http != nullptr ? state_->serving.http->reload_tls() : Result<void>();
}

void Server::post(std::function<void()> function) {
  state_->running->shared.scheduler.post(std::move(function));
}

Result<bool> Server::reopen_log() {
  return state_->serving.http == nullptr ? Result<bool>(false) : state_->serving.http->reopen_log();
}

Server::Counts Server::counts() const {
  Counts counts = state_->count();
  for (const runtime::Domain* const domain : link::list_domains(*state_->running))
    counts.left_behind += domain->calls().count_unawaited();
  return counts;
}

Result<Server> Composition::serve(const ServeOptions& options) {
  const std::shared_ptr<link::Running> running = state_->running;
  const runtime::OwnerLock::Entry entry(*running->shared.lock);
  if (!entry.is_in()) return failure_diagnostic(entry.failure());
  Result<link::Serving> serving = link::serve(*running, options);
  if (!serving) return std::move(serving).error();
  auto state = std::make_unique<Server::State>();
  state->running = running;
  state->serving = *std::move(serving);
  return Server(std::move(state));
}

std::vector<RemoteState> Composition::remotes() const {
  std::vector<RemoteState> states;
  const runtime::OwnerLock::Entry entry(*state_->running->shared.lock);
  if (!entry.is_in()) return states;
  for (const auto& [name, peer] : state_->running->remotes.peers()) states.push_back(peer->state());
  return states;
}

}  // namespace tenon
