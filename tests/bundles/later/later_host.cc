// x:y/lib: functions that threads end after they have returned, in C++ over a generated header.
#include "gen/later_host.h"

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <stdexcept>
#include <thread>

namespace {

namespace lib = later_host::lib;

class Thing final : public lib::thing {
 public:
  Thing(std::uint32_t value, std::vector<std::thread>& threads)
      : value_(value), threads_(threads) {}

  std::uint32_t value() override { return value_; }
  void wait(std::uint32_t milliseconds, tenon::completion<std::uint32_t> done) override {
    threads_.emplace_back([this, milliseconds, done = std::move(done)]() mutable {
      std::this_thread::sleep_for(std::chrono::milliseconds(milliseconds));
      done.complete(value_);
    });
  }

 private:
  std::uint32_t value_;
  std::vector<std::thread>& threads_;
};

class Instance final : public later_host::instance {
 public:
  static std::unique_ptr<Instance> create(const tenon::host_config& /*config*/) {
    return std::make_unique<Instance>();
  }
  ~Instance() override {
    for (std::thread& thread : threads_) thread.join();
  }

  // Ends when nobody waits for it any more.
  void sleep(tenon::completion<std::uint32_t> done) override {
    threads_.emplace_back([done = std::move(done)]() mutable {
      std::mutex mutex;
      std::condition_variable_any stopped;
      std::unique_lock lock(mutex);
      stopped.wait(lock, done.stop_token(), [] { return false; });
      done.complete(0U);
    });
  }

  // The number is what goes wrong, if anything does.
  void join(std::uint32_t a, std::string_view b, tenon::completion<std::string> done) override {
    if (a == 13) throw std::invalid_argument("13 is not a number");
    if (a == 14) return done.fail("14 is not a number");
    if (a == 15) return;
    if (a == 16) return done.complete("\xff");
    threads_.emplace_back([a, text = std::string(b), done = std::move(done)]() mutable {
      done.complete(text + std::to_string(a));
    });
  }

  void make(tenon::completion<std::shared_ptr<lib::thing>> done) override {
    done.complete(std::make_shared<Thing>(5, threads_));
  }

  std::uint32_t twice(std::uint32_t n) override { return 2 * n; }

 private:
  std::vector<std::thread> threads_;
};

}  // namespace

TENON_HOST_MODULE(later, "1.0.0", Instance, TENON_CONCURRENT)
