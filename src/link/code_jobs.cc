#include "link/code_jobs.h"

#include <sched.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "support/check.h"
#include "support/limits.h"

namespace tenon::link {

namespace {

// One compilation.
struct Task {
  std::uint64_t memory = 0;  // an estimate of its peak, in bytes
  std::function<void()> compile;
};

// Runs tasks on several threads in their order, as far as the memory budget allows. One task can
// always run.
class TaskRunner final {
 public:
  TaskRunner(std::vector<Task> tasks, const std::function<Result<void>()>& check)
      : tasks_(std::move(tasks)), check_(check) {}

  Result<void> run(std::size_t threads) {
    std::vector<std::jthread> others;
    const std::size_t most = std::min(threads, tasks_.size());
    try {
      while (others.size() + 1 < most) others.emplace_back([this] { work(); });
    } catch (const std::exception&) {
      // The process cannot have more threads, so those that it has do the work.
    }
    work();
    others.clear();  // waits for them
    if (thrown_) std::rethrow_exception(std::move(thrown_));
    if (!problems_.empty()) return std::move(problems_);
    return {};
  }

 private:
  // No exception leaves a thread: the first one ends the work, and `run` throws it.
  void work() noexcept {
    try {
      run_tasks();
    } catch (...) {
      const std::lock_guard lock(mutex_);
      if (!thrown_) thrown_ = std::current_exception();
      changed_.notify_all();
    }
  }

  void run_tasks() {
    std::unique_lock lock(mutex_);
    while (!tasks_.empty() && problems_.empty() && !thrown_) {
      const auto next = std::ranges::find_if(tasks_, [this](const Task& task) {
        return memory_ == 0 || memory_ + task.memory <= limits::kCompileMemory;
      });
      if (next == tasks_.end()) {
        changed_.wait(lock);
        continue;
      }
      if (Result<void> goes_on = check_(); !goes_on) {
        problems_ = std::move(goes_on).error();
        break;
      }
      const Task task = std::move(*next);
      tasks_.erase(next);
      memory_ += task.memory;
      lock.unlock();
      task.compile();
      lock.lock();
      memory_ -= task.memory;
      changed_.notify_all();
    }
    changed_.notify_all();
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Task> tasks_;  // not begun
  std::uint64_t memory_ = 0;
  Diagnostics problems_;
  std::exception_ptr thrown_;
  const std::function<Result<void>()>& check_;
};

}  // namespace

// std::thread::hardware_concurrency opens a file, and counts processors that taskset excludes.
std::size_t count_processors() {
  cpu_set_t processors;
  // Fails on a machine with more than 1,024 processors.
  if (::sched_getaffinity(0, sizeof processors, &processors) == 0)
    return static_cast<std::size_t>(CPU_COUNT(&processors));
  return std::max(1U, std::thread::hardware_concurrency());
}

template <class Compiled>
CodeJobs::Job<Compiled>& CodeJobs::find_job(const std::shared_ptr<const engine::Engine>& engine,
                                            const std::string& key) {
  auto& jobs = std::get<Jobs<Compiled>>(jobs_);
  const auto [place, is_new] = jobs.try_emplace({engine.get(), key});
  Job<Compiled>& job = place->second;
  if (!is_new) return job;
  job.engine = engine;
  if (std::optional<Compiled> code = cache_.find<Compiled>(*engine, key, job.warnings))
    job.code = std::make_shared<const Compiled>(*std::move(code));
  return job;
}

template <class Compiled>
CodeJobs::Code<Compiled> CodeJobs::find(const std::shared_ptr<const engine::Engine>& engine,
                                        const std::string& key) {
  return find_job<Compiled>(engine, key).code;
}

template <class Compiled>
void CodeJobs::add(const std::shared_ptr<const engine::Engine>& engine, const std::string& key,
                   JobBytes bytes) {
  find_job<Compiled>(engine, key).bytes = std::move(bytes);
}

Result<void> CodeJobs::run(const std::function<Result<void>()>& check) {
  std::vector<Task> tasks;
  std::atomic<std::size_t> begun = 0;
  std::size_t count = 0;
  const auto add_tasks = [&]<class Compiled>(Jobs<Compiled>& jobs) {
    for (auto& [place, job] : jobs) {
      if (job.bytes.owner == nullptr || job.code != nullptr) continue;
      tasks.push_back({job.bytes.wasm.size() * limits::kCompileMemoryPerByte,
                       [this, &begun, &count, &key = place.second, &to_do = job] {
                         if (on_compile)
                           on_compile({.unit = to_do.bytes.unit,
                                       .bytes = to_do.bytes.wasm.size(),
                                       .number = ++begun,
                                       .count = count});
                         const auto began = std::chrono::steady_clock::now();
                         std::optional<Result<Compiled>> compiled;
                         const auto compile = [&] {
                           compiled = Compiled::compile(*to_do.engine, to_do.bytes.wasm);
                         };
                         if (call_compiler)
                           call_compiler(compile);
                         else
                           compile();
                         const std::chrono::duration<double, std::milli> took =
                             std::chrono::steady_clock::now() - began;
                         to_do.milliseconds = took.count();
                         Result<Compiled> code = *std::move(compiled);
                         if (!code) {
                           to_do.problems = std::move(code).error();
                           return;
                         }
                         cache_.keep(*code, key, to_do.warnings);
                         to_do.code = std::make_shared<const Compiled>(*std::move(code));
                       }});
    }
  };
  std::apply([&](auto&... jobs) { (add_tasks(jobs), ...); }, jobs_);
  if (tasks.empty()) return {};
  count = tasks.size();
  std::ranges::stable_sort(tasks, std::ranges::greater(), &Task::memory);
  Result<void> ended = TaskRunner(std::move(tasks), check).run(threads_);
  cache_.trim();
  return ended;
}

template <class Compiled>
Result<CodeJobs::Code<Compiled>> CodeJobs::get(const engine::Engine& engine,
                                               const std::string& key) const {
  const auto& jobs = std::get<Jobs<Compiled>>(jobs_);
  const auto place = jobs.find({&engine, key});
  TENON_CHECK(place != jobs.end());
  if (place->second.code == nullptr) return place->second.problems;
  return place->second.code;
}

std::vector<UnitTime> CodeJobs::times() const {
  std::vector<UnitTime> times;
  const auto add = [&](const auto& jobs) {
    for (const auto& [place, job] : jobs) {
      if (job.milliseconds == 0) continue;
      const auto known = std::ranges::find(times, job.bytes.unit, &UnitTime::unit);
      if (known == times.end())
        times.push_back({job.bytes.unit, "compile", job.milliseconds});
      else
        known->milliseconds += job.milliseconds;
    }
  };
  std::apply([&](const auto&... jobs) { (add(jobs), ...); }, jobs_);
  return times;
}

Diagnostics CodeJobs::warnings() const {
  Diagnostics warnings = cache_.warnings();
  const auto add = [&](const auto& jobs) {
    for (const auto& [place, job] : jobs)
      std::ranges::copy(job.warnings, std::back_inserter(warnings));
  };
  std::apply([&](const auto&... jobs) { (add(jobs), ...); }, jobs_);
  return warnings;
}

#define TENON_JOBS_OF(Compiled)                                                                  \
  template CodeJobs::Code<Compiled> CodeJobs::find(const std::shared_ptr<const engine::Engine>&, \
                                                   const std::string&);                          \
  template void CodeJobs::add<Compiled>(const std::shared_ptr<const engine::Engine>&,            \
                                        const std::string&, JobBytes);                           \
  template Result<CodeJobs::Code<Compiled>> CodeJobs::get(const engine::Engine&,                 \
                                                          const std::string&) const;
TENON_JOBS_OF(engine::CompiledComponent)
TENON_JOBS_OF(engine::CompiledModule)
#undef TENON_JOBS_OF

}  // namespace tenon::link
