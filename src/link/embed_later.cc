#include "link/embed_later.h"

#include <sys/resource.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <deque>
#include <exception>
#include <functional>
#include <map>
#include <mutex>
#include <new>
#include <set>
#include <string>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "engine/code_cache.h"
#include "link/code_jobs.h"
#include "link/link.h"
#include "support/files.h"

namespace tenon::link {

namespace {

struct Job {
  std::vector<WantedCode> domains;
  std::filesystem::path folder;
  std::function<Result<ComposedLink>()> compose;
};

// Calls the compiler with the lowest priority. That cannot be raised again, so it is the priority of a
// thread of its own: the thread that holds the lock, for which the end of the process waits, must not
// have to wait for every other thread of the machine.
void compile_idly(const std::function<void()>& compile) {
  std::exception_ptr failure;
  std::thread thread;
  try {
    thread = std::thread([&] {
      ::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), 19);
      try {
        compile();
      } catch (const std::bad_alloc&) {
        failure = std::current_exception();
      }
    });
  } catch (const std::system_error&) {
    return compile();
  }
  thread.join();
  if (failure != nullptr) std::rethrow_exception(failure);
}

// Problems are not reported here: those of the units were reported when they were linked, and the
// next start reports those of the cache.
void compile(const Job& job, std::unique_lock<std::mutex>& held, const std::atomic<bool>& ends) {
  Result<ComposedLink> link = job.compose();
  if (!link) return;
  const engine::CodeCache cache(job.folder);
  for (const WantedCode& wanted : job.domains) {
    if (ends) return;
    Result<engine::Engine> opened = engine::Engine::open(wanted.config);
    if (!opened) return;
    const auto engine = std::make_shared<const engine::Engine>(*std::move(opened));
    CodeJobs jobs(cache, 1);
    jobs.call_compiler = [&held](const std::function<void()>& call) {
      held.unlock();
      try {
        compile_idly(call);
      } catch (const std::bad_alloc&) {
        held.lock();
        throw;
      }
      held.lock();
    };
    if (jobs.find<engine::CompiledComponent>(engine, wanted.key) != nullptr) continue;
    Result<compose::Composed> embedded = embed_domain(*link, wanted.domain);
    if (!embedded || ends) return;
    const auto bytes = std::make_shared<const Bytes>(std::move(embedded->bytes));
    jobs.add<engine::CompiledComponent>(engine, wanted.key, {bytes, *bytes});
    if (!jobs.run([] { return Result<void>(); })) return;
  }
}

// The background thread and its jobs. Never destroyed, because the compiler cannot be interrupted.
class Worker final {
 public:
  static Worker& get() {
    static Worker* const worker = new Worker;
    return *worker;
  }

  // Whether the process ends, so that nothing needs to be finished.
  [[nodiscard]] const std::atomic<bool>& ends() const { return ends_; }

  void add(Job job) {
    const std::lock_guard lock(queue_mutex_);
    if (jobs_.size() == kMostJobs) return;  // the next start asks again
    std::erase_if(job.domains,
                  [this](const WantedCode& wanted) { return !asked_.insert(wanted.key).second; });
    if (job.domains.empty()) return;
    jobs_.push_back(std::move(job));
    if (process_ == 0) start();
    changed_.notify_one();
  }

 private:
  // The delay before each job, so that a short command loses no time to it.
  static constexpr std::chrono::milliseconds kDelay{300};
  // Jobs keep the bytes of their units in memory.
  static constexpr std::size_t kMostJobs = 16;

  void start() {
    process_ = ::getpid();
    // The thread runs code of this library only while it holds `running_`. When the process exits,
    // static objects (of OpenSSL, for example) are destroyed, so the thread must stop before that.
    // A child that was forked has no such thread, and perhaps a lock that is never released.
    std::atexit([] {
      get().ends_ = true;
      if (get().process_ == ::getpid()) get().running_.lock();
    });
    try {
      std::thread([this] { work(); }).detach();
    } catch (const std::exception&) {
      // Without the thread, starts continue to link by reference.
    }
  }

  void work() {
    while (true) {
      std::this_thread::sleep_for(kDelay);
      std::unique_lock running(running_);
      Job job;
      {
        std::unique_lock queue(queue_mutex_);
        if (jobs_.empty()) {
          running.unlock();
          changed_.wait(queue, [this] { return !jobs_.empty(); });
          continue;
        }
        job = std::move(jobs_.front());
        jobs_.pop_front();
      }
      try {
        compile(job, running, ends_);
      } catch (const std::bad_alloc&) {
        // The next start asks again.
      }
    }
  }

  std::atomic<bool> ends_ = false;
  std::mutex running_;
  std::mutex queue_mutex_;
  std::condition_variable changed_;
  std::deque<Job> jobs_;
  std::set<std::string> asked_;  // keys
  pid_t process_ = 0;            // that has the thread; 0: there is none yet
};

}  // namespace

std::vector<WantedCode> list_wanted(std::span<const Loaded> loaded) {
  std::vector<WantedCode> wanted;
  for (std::size_t i = 0; i < loaded.size(); ++i) {
    if (loaded[i].code == nullptr || loaded[i].code->form == compose::Form::Embedded) continue;
    engine::EngineConfig config = loaded[i].engine->config();
    config.compiler = engine::CompilerThreads::One;
    config.kept_memories = 0;
    wanted.push_back({i, loaded[i].keys->embedded, config});
  }
  return wanted;
}

void embed_later(std::vector<WantedCode> wanted,
                 const std::map<std::string, UnitBinary, std::less<>>& binaries,
                 resolve::SplitPlan& split, const std::filesystem::path& folder) {
  if (wanted.empty()) return;
  // Only what embedding needs: nothing that belongs to the program or to native code.
  const auto kept = std::make_shared<ComposedLink>();
  for (const auto& [name, binary] : binaries)
    if (binary.bytes != nullptr || binary.read_late)
      kept->planned.binaries[name] = {.bytes = binary.bytes, .read_late = binary.read_late};
  kept->split.domains.resize(split.domains.size());
  for (const WantedCode& code : wanted)
    kept->split.domains[code.domain].link = std::move(split.domains[code.domain].link);
  Worker::get().add(
      {std::move(wanted), folder, [kept]() -> Result<ComposedLink> { return std::move(*kept); }});
}

void embed_later(std::vector<WantedCode> wanted, const Request& request,
                 const std::filesystem::path& folder) {
  if (wanted.empty()) return;
  Worker::get().add({std::move(wanted), folder, [copy = Request(request)]() mutable {
                       PhaseClock clock;
                       copy.abandoned = &Worker::get().ends();
                       return compose_link(copy, RealFiles(), clock);
                     }});
}

}  // namespace tenon::link
