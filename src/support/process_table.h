// A table that all threads of this process use, which has one lock.
//
//   class HandleTable final : public ProcessTable<HandleTable> { ... };
//   HandleTable::get().add(handle);
#pragma once

#include <pthread.h>

#include <cstddef>
#include <mutex>
#include <new>

namespace tenon {

template <class Table>
class ProcessTable {
 public:
  ProcessTable(const ProcessTable&) = delete;
  ProcessTable& operator=(const ProcessTable&) = delete;

  // Never destroyed: a thread can use it while the process ends. Needs no memory, if making a Table needs
  // none. A child process is forked while no thread is in the table. Thread: any.
  static Table& get() {
    alignas(Table) static std::byte memory[sizeof(Table)];
    static Table& table = []() -> Table& {
      (void)::pthread_atfork([] { get().mutex_.lock(); }, [] { get().mutex_.unlock(); },
                             [] { get().mutex_.unlock(); });
      return *new (memory) Table;
    }();
    return table;
  }

 protected:
  ProcessTable() = default;
  ~ProcessTable() = default;

  std::mutex mutex_;  // held by each function of the table, and while the process forks
};

}  // namespace tenon
