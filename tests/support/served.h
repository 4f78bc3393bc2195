// For tests of remote units: a composition that serves its exports.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <future>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "tenon/builder.h"
#include "tenon/composition.h"
#include "tenon/remote.h"

namespace tenon {

// A composition that serves on a thread of its own until it is destroyed.
class Served final {
 public:
  Served(CompositionBuilder& builder, ServeOptions options, const BuildOptions& built = {})
      : composition_(build(builder, built)) {
    options.on_failure = [this](const ServeFailure& failure) {
      const std::lock_guard lock(mutex_);
      failures_.push_back(failure.function + ": " + failure.message);
    };
    Result<Server> server = composition_.serve(options);
    if (!server) {
      ADD_FAILURE() << server.error().front().message;
      return;
    }
    server_.emplace(*std::move(server));
    thread_ = std::thread([this] { has_drained_ = server_->run(std::chrono::seconds(5)); });
  }
  ~Served() { stop(); }

  bool stop() {
    if (!thread_.joinable()) return has_drained_;
    server_->stop();
    thread_.join();
    return has_drained_;
  }
  // Waits until it has no more connections. Returns how many there are.
  [[nodiscard]] std::size_t connections(std::size_t most) {
    std::size_t found = most + 1;
    for (int i = 0; i < 500 && found > most; ++i) {
      std::promise<std::size_t> counted;
      server_->post([&] { counted.set_value(server_->counts().connections); });
      found = counted.get_future().get();
      if (found > most) std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return found;
  }
  // Waits until the condition holds for its counts, for some seconds at most.
  [[nodiscard]] bool waits_until(const std::function<bool(const Server::Counts&)>& holds) {
    for (int i = 0; i < 500; ++i) {
      std::promise<bool> checked;
      server_->post([&] { checked.set_value(holds(server_->counts())); });
      if (checked.get_future().get()) return true;
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return false;
  }
  // REQUIRES: it was stopped
  [[nodiscard]] std::uint64_t calls() const { return server_->counts().calls; }
  [[nodiscard]] std::string address(std::size_t i = 0) const { return server_->addresses()[i]; }
  [[nodiscard]] std::vector<std::string> failures() {
    const std::lock_guard lock(mutex_);
    return failures_;
  }

 private:
  static Composition build(CompositionBuilder& builder, const BuildOptions& options) {
    Result<Composition> built = builder.build(options);
    if (!built)
      ADD_FAILURE() << built.error().front().code << ": " << built.error().front().message;
    return *std::move(built);
  }

  Composition composition_;
  std::optional<Server> server_;
  std::thread thread_;
  bool has_drained_ = false;
  std::mutex mutex_;
  std::vector<std::string> failures_;
};

}  // namespace tenon
