#include "client.h"

#include <new>
#include <utility>

namespace http_client {

namespace {

// How long the thread sleeps at most. Whatever it waits for wakes it.
constexpr int kSleepMs = 60'000;

}  // namespace

Client::Client(long max_connections, std::size_t max_transfers)
    : multi_(curl_multi_init()), max_transfers_(max_transfers) {
  if (multi_ == nullptr) throw std::bad_alloc();
  curl_multi_setopt(multi_.get(), CURLMOPT_MAX_TOTAL_CONNECTIONS, max_connections);
  curl_multi_setopt(multi_.get(), CURLMOPT_MAXCONNECTS, max_connections);
  thread_ = std::thread([this] { run(); });
}

Client::~Client() {
  {
    const std::lock_guard lock(mutex_);
    is_ending_ = true;
  }
  curl_multi_wakeup(multi_.get());
  thread_.join();
}

void Client::start(std::unique_ptr<Transfer> transfer, tenon::completion<Outcome> done) {
  CURL* const handle = transfer->handle();
  {
    const std::lock_guard lock(mutex_);
    if (count_ >= max_transfers_)
      return done.complete(refuse(requests::error_kind::busy, "too many requests are in progress"));
    ++count_;
  }
  // Nobody can request a stop before the function of the guest's call has returned.
  transfer->set_completion(std::move(done), [this, handle] {
    {
      const std::lock_guard lock(mutex_);
      stopped_.push_back(handle);
    }
    curl_multi_wakeup(multi_.get());
  });
  {
    const std::lock_guard lock(mutex_);
    added_.push_back(std::move(transfer));
  }
  curl_multi_wakeup(multi_.get());
}

void Client::run() {
  while (take_orders()) {
    int count = 0;
    curl_multi_perform(multi_.get(), &count);
    finish_transfers();
    curl_multi_poll(multi_.get(), nullptr, 0, kSleepMs, nullptr);
  }
  while (!running_.empty()) (void)take(running_.begin()->first);
}

// Returns false at the end.
bool Client::take_orders() {
  std::vector<std::unique_ptr<Transfer>> added;
  std::vector<CURL*> stopped;
  bool is_ending = false;
  {
    const std::lock_guard lock(mutex_);
    added.swap(added_);
    stopped.swap(stopped_);
    is_ending = is_ending_;
  }
  for (std::unique_ptr<Transfer>& transfer : added) {
    CURL* const handle = transfer->handle();
    running_.emplace(handle, std::move(transfer));
    if (curl_multi_add_handle(multi_.get(), handle) != CURLM_OK)
      take(handle)->finish(CURLE_FAILED_INIT);
  }
  for (CURL* const handle : stopped)
    if (running_.contains(handle))  // it may have ended meanwhile
      take(handle)->finish(refuse(requests::error_kind::timeout, "the call was canceled"));
  return !is_ending;
}

void Client::finish_transfers() {
  int rest = 0;
  while (const CURLMsg* const message = curl_multi_info_read(multi_.get(), &rest)) {
    if (message->msg != CURLMSG_DONE) continue;
    const CURLcode code = message->data.result;  // freed with the transfer
    take(message->easy_handle)->finish(code);
  }
}

std::unique_ptr<Transfer> Client::take(CURL* handle) {
  curl_multi_remove_handle(multi_.get(), handle);
  std::unique_ptr<Transfer> transfer = std::move(running_.extract(handle).mapped());
  transfer->ignore_stops();
  const std::lock_guard lock(mutex_);
  std::erase(stopped_, handle);  // the next transfer may have the same address
  --count_;
  return transfer;
}

}  // namespace http_client
