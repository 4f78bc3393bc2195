// The composition of a task, which lets it run. That of a stream or a body that the program writes is not known before
// it is passed to a guest.
//
// Thread: that of the composition, unless a function says otherwise.
#pragma once

#include <chrono>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

#include "runtime/inbox.h"
#include "runtime/scheduler.h"
#include "runtime/shared.h"
#include "tenon/task.h"

namespace tenon::runtime {

class TaskHome final : public detail::Driver, public std::enable_shared_from_this<TaskHome> {
 public:
  TaskHome() = default;
  explicit TaskHome(std::weak_ptr<Owner> owner) { set(std::move(owner)); }
  TaskHome(const TaskHome&) = delete;
  TaskHome& operator=(const TaskHome&) = delete;

  [[nodiscard]] bool is_known() const { return is_known_; }
  [[nodiscard]] const std::weak_ptr<Owner>& owner() const { return owner_; }
  // owner: can be empty: there will be none.
  void set(std::weak_ptr<Owner> owner);
  // on_known: is posted to the composition, or runs at once if there will be none. The last one counts.
  void wait(Scheduler::Posting on_known) { on_known_ = std::move(on_known); }

  // While the composition is not known, it only runs what was posted.
  void run_until(const std::function<bool()>& is_done,
                 std::optional<std::chrono::steady_clock::time_point> deadline) override;
  std::function<void()> make_post(std::function<void()> function) override {
    return make_wake(shared_from_this(), std::move(function));
  }
  void post(Scheduler::Posting posting);
  void keep(std::exception_ptr thrown) noexcept override;

 private:
  std::weak_ptr<Owner> owner_;
  bool is_known_ = false;
  Scheduler::Posting on_known_;

  std::mutex mutex_;  // guards the others, for `post` and `keep`
  bool has_inbox_ = false;
  std::shared_ptr<Inbox> inbox_;  // null: there is no composition
  // Before `has_inbox_`.
  Postings posted_;
  std::exception_ptr kept_;
};

using TaskHomePtr = std::shared_ptr<TaskHome>;

}  // namespace tenon::runtime
