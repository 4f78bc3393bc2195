// The thread that runs all transfers of an instance, over libcurl's multi interface.
#pragma once

#include <curl/curl.h>

#include <cstddef>
#include <memory>
#include <mutex>
#include <thread>
#include <unordered_map>
#include <vector>

#include "transfer.h"

namespace http_client {

// Thread: any.
class Client final {
 public:
  // max_connections: at a time; further transfers wait for one. max_transfers: those that wait are
  // counted too.
  Client(long max_connections, std::size_t max_transfers);
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;
  // Ends all transfers.
  ~Client();

  // Runs a transfer, and completes its call. Errors: busy.
  void start(std::unique_ptr<Transfer> transfer, tenon::completion<Outcome> done);

 private:
  struct DeleteMulti {
    void operator()(CURLM* multi) const { curl_multi_cleanup(multi); }
  };

  // On the thread of the client:
  void run();
  [[nodiscard]] bool take_orders();
  void finish_transfers();
  // Takes a transfer out, which is then not counted any more.
  [[nodiscard]] std::unique_ptr<Transfer> take(CURL* handle);

  std::unique_ptr<CURLM, DeleteMulti> multi_;
  std::unordered_map<CURL*, std::unique_ptr<Transfer>> running_;  // of the client's thread

  std::mutex mutex_;  // guards the orders
  std::vector<std::unique_ptr<Transfer>> added_;
  std::vector<CURL*> stopped_;
  std::size_t count_ = 0;  // of transfers that have not ended
  bool is_ending_ = false;

  std::size_t max_transfers_;
  std::thread thread_;
};

}  // namespace http_client
