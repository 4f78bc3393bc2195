// One request and its response, as a handle of libcurl.
#pragma once

#include <curl/curl.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>

#include "http_client_host.h"
#include "url.h"

namespace http_client {

namespace requests = http_client_host::requests;

using Outcome = tenon::expected<requests::response, requests::error>;

struct Limits {
  std::chrono::milliseconds timeout{30'000};
  std::size_t body_bytes = std::size_t{16} << 20;
  std::string ca_file = {};  // empty: certificates of the system
  std::string proxy = {};    // empty: none
};

[[nodiscard]] tenon::unexpected<requests::error> refuse(requests::error_kind kind,
                                                        std::string message);

class Transfer final {
 public:
  // Prepares a request. Errors: invalid, denied.
  [[nodiscard]] static tenon::expected<std::unique_ptr<Transfer>, requests::error> make(
      const requests::request& request, const Allowed& allowed, const Limits& limits);
  Transfer(const Transfer&) = delete;
  Transfer& operator=(const Transfer&) = delete;

  [[nodiscard]] CURL* handle() const { return easy_.get(); }

  // Called when the transfer has ended. on_stop: called, on any thread, if nobody waits any more.
  void set_completion(tenon::completion<Outcome> done, std::function<void()> on_stop);
  // `on_stop` is not called any more when this returns.
  void ignore_stops() { on_stop_.reset(); }
  // libcurl has ended the transfer.
  void finish(CURLcode code);
  void finish(Outcome outcome) { done_->complete(std::move(outcome)); }

 private:
  struct DeleteEasy {
    void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
  };
  struct DeleteList {
    void operator()(curl_slist* list) const { curl_slist_free_all(list); }
  };

  Transfer(Url url, const requests::request& request, const Limits& limits);

  void add_header(const std::string& line);
  void configure(const requests::request& request, const Limits& limits);
  static std::size_t take_header(char* text, std::size_t size, std::size_t count, void* transfer);
  static std::size_t take_body(char* bytes, std::size_t size, std::size_t count, void* transfer);
  [[nodiscard]] Outcome outcome_of(CURLcode code);

  Url url_;                                          // libcurl refers to it
  std::vector<std::uint8_t> body_;                   // the same
  std::array<char, CURL_ERROR_SIZE> reason_{};       // the same
  std::unique_ptr<curl_slist, DeleteList> headers_;  // the same
  std::unique_ptr<CURL, DeleteEasy> easy_;
  std::size_t most_body_bytes_;
  std::size_t header_bytes_ = 0;
  bool is_too_large_ = false;
  requests::response response_;
  std::optional<tenon::completion<Outcome>> done_;
  std::optional<std::stop_callback<std::function<void()>>> on_stop_;
};

}  // namespace http_client
