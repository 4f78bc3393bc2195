// Threads that take the turns of domains that compute.
//
// A hand-over to another thread costs 25 to 55 us, a turn within its caller 3 us. So a domain stays
// with the thread that waits for it, until a turn of it lasts for milliseconds; from then on a thread
// of the pool takes its turns, until several in a row are short again (`Domain::note_run`). A thread is
// started when a turn is due and all others are busy.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>

namespace tenon::runtime {

class OwnerLock;
class Scheduler;

// Thread: that of the composition, unless a function says otherwise.
class Pool final {
 public:
  Pool(Scheduler& scheduler, std::shared_ptr<OwnerLock> lock);
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;
  ~Pool();

  // The number of domains without a thread of their own that can compute at once. 0: no domain is moved
  // to the pool.
  void set_size(std::size_t size);
  [[nodiscard]] std::size_t size() const;
  // One more thread, for a domain that has one.
  void add_own_thread();
  // A turn is due that belongs to the pool. Thread: any.
  void wake();
  // Whether the first thread could not be started. Waiting threads then take the turns.
  [[nodiscard]] bool has_failed() const;
  [[nodiscard]] bool has_threads() const;
  // Waits until all threads have ended; they do not begin another turn. tick: called again and again
  // meanwhile, to interrupt the guests that run on them.
  // Thread: any that is not in the composition; from one of the pool's own, that one ends afterwards.
  void stop(const std::function<void()>& tick);
  // Whether this thread belongs to the pool.
  [[nodiscard]] bool is_worker() const;

 private:
  struct State;

  std::shared_ptr<State> state_;  // its threads can outlive the composition
};

}  // namespace tenon::runtime
