// Interrupts queries whose call has come to its deadline.
#pragma once

#include <condition_variable>
#include <list>
#include <memory>
#include <mutex>
#include <thread>

#include "duckdb_api.h"
#include "sql_error.h"

namespace duckdb_adapter {

// One thread for an instance, made at the first query.
class Watcher final {
 public:
  explicit Watcher(std::shared_ptr<const Api> api) : api_(std::move(api)) {}
  Watcher(const Watcher&) = delete;
  Watcher& operator=(const Watcher&) = delete;
  ~Watcher();

  // Watches the current call's query on a connection, while it lives.
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
