// Interrupts queries whose call has reached its deadline.
//
// DuckDB has no hook that a running query calls, but any thread can interrupt a connection. So each
// instance has one thread that wakes up every few milliseconds while queries run, asks for each
// whether its call should stop, and interrupts it if so. The thread starts with the first query,
// and sleeps while no query runs.
//
//   const Watcher::Watch watch(watcher, connection);
//   api.execute_prepared(statement, &result);  // returns early, with an error, at the deadline
#pragma once

#include <condition_variable>
#include <list>
#include <memory>
#include <mutex>
#include <thread>

#include "duckdb_api.h"

namespace duckdb_adapter {

// Thread: any.
class Watcher final {
 public:
  explicit Watcher(std::shared_ptr<const Api> api) : api_(std::move(api)) {}
  Watcher(const Watcher&) = delete;
  Watcher& operator=(const Watcher&) = delete;
  ~Watcher();

  // While it exists, the current call's query on a connection is watched.
  class Watch final {
   public:
    Watch(Watcher& watcher, ConnectionPointer connection);
    Watch(const Watch&) = delete;
    Watch& operator=(const Watch&) = delete;
    ~Watch();

   private:
    friend class Watcher;

    Watcher& watcher_;
    tenon::call call_;
    ConnectionPointer connection_;
    std::list<Watch*>::iterator place_;
  };

 private:
  void run();

  std::shared_ptr<const Api> api_;
  std::mutex state_;
  std::condition_variable changed_;
  std::list<Watch*> watched_;
  bool ends_ = false;
  std::thread thread_;
};

}  // namespace duckdb_adapter
