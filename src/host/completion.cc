#include "host/completion.h"

#include <unordered_map>

#include "support/process_table.h"

namespace tenon::host {

namespace {

// The completions of this process that native code has not ended. One for all native code, because
// it passes nothing but a number, and may pass that of an instance that is gone.
class CompletionTable final : public ProcessTable<CompletionTable> {
 public:
  tenon_completion next_number() {
    const std::lock_guard lock(mutex_);
    return ++last_;
  }
  void add(const NativeHome& home, std::shared_ptr<Completion> completion) {
    const std::lock_guard lock(mutex_);
    const tenon_completion number = completion->number();
    entries_.emplace(number, Entry{&home, std::move(completion)});
  }
  std::shared_ptr<Completion> take(tenon_completion number) {
    const std::lock_guard lock(mutex_);
    const auto entry = entries_.extract(number);
    return entry ? std::move(entry.mapped().completion) : nullptr;
  }
  void remove_all(const NativeHome& home) {
    const std::lock_guard lock(mutex_);
    std::erase_if(entries_, [&](const auto& entry) { return entry.second.home == &home; });
  }

 private:
  struct Entry {
    const NativeHome* home;
    std::shared_ptr<Completion> completion;
  };

  tenon_completion last_ = 0;
  std::unordered_map<tenon_completion, Entry> entries_;
};

}  // namespace

std::shared_ptr<Completion> Completion::make(const Deferral& deferral, OnCancel on_cancel) {
  CompletionTable& table = CompletionTable::get();
  std::shared_ptr<Completion> completion(new Completion(table.next_number(), deferral, on_cancel));
  table.add(deferral.home, completion);
  return completion;
}

std::shared_ptr<Completion> Completion::take(tenon_completion number) {
  return CompletionTable::get().take(number);
}

void Completion::forget_all(const NativeHome& home) { CompletionTable::get().remove_all(home); }

bool Completion::complete(const tenon_value* result) {
  const abi::FunctionLayout& layout = deferral_.shape->program.layout();
  Answer answer;
  if (layout.result) {
    constexpr tenon_value kNothing = {};
    auto written =
        write_native_result(layout, result != nullptr ? *result : kNothing, answer.arena);
    if (!written) {
      fail(describe(written.error()));
      return false;
    }
    answer.result = *std::move(written);
    if (deferral_.hold != nullptr) deferral_.hold(answer.result);
  }
  return put(std::move(answer));
}

bool Completion::fail(std::string text) {
  Answer answer;
  answer.trap = std::move(text);
  return put(std::move(answer));
}

bool Completion::put(Answer answer) {
  const std::lock_guard lock(mutex_);
  if (!is_wanted_) return false;
  answer_ = std::move(answer);
  // The composition exists while the lock is held: it does not end before its calls.
  if (report_) report_();
  return true;
}

bool Completion::has_answer() {
  const std::lock_guard lock(mutex_);
  return answer_.has_value();
}

bool Completion::wait(std::function<void()> report) {
  const std::lock_guard lock(mutex_);
  if (answer_) return true;
  report_ = std::move(report);
  return false;
}

std::optional<Completion::Answer> Completion::cancel() {
  {
    const std::lock_guard lock(mutex_);
    if (!std::exchange(is_wanted_, false)) return std::nullopt;
    if (answer_) return std::exchange(answer_, std::nullopt);
  }
  if (on_cancel_ != nullptr) deferral_.home.cancel(on_cancel_, deferral_.self, number_);
  return std::nullopt;
}

Completion::Answer Completion::take_answer() {
  const std::lock_guard lock(mutex_);
  is_wanted_ = false;
  return *std::exchange(answer_, std::nullopt);
}

}  // namespace tenon::host
