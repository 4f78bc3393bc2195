// Code shared by the bundles that adapt a database library to `tenon:sql/database`: errors, the
// limit of connections, exclusive use of a connection, and the files that a guest may open.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "sql_host.h"

namespace sql_adapter {

namespace sql = sql_host::database;

// An error that the adapter itself reports. Its code is 0: codes are the library's.
[[nodiscard]] inline sql::error make_error(sql::error_kind kind, std::string message) {
  sql::error error;
  error.kind = kind;
  error.message = std::move(message);
  return error;
}

// How many connections the guests of an instance can have at a time. Thread: any.
class ConnectionLimit final {
 public:
  explicit ConnectionLimit(std::int64_t most) : most_(most) {}

  // The place of one connection; the destructor makes it free.
  class Place final {
   public:
    explicit Place(std::shared_ptr<ConnectionLimit> limit) : limit_(std::move(limit)) {}
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;
    ~Place() { --limit_->taken_; }

   private:
    std::shared_ptr<ConnectionLimit> limit_;
  };

  // Errors: limit: all places are taken.
  [[nodiscard]] static tenon::expected<std::unique_ptr<Place>, sql::error> take_place(
      const std::shared_ptr<ConnectionLimit>& limit) {
    if (++limit->taken_ <= limit->most_) return std::make_unique<Place>(limit);
    --limit->taken_;
    return tenon::unexpected(
        make_error(sql::error_kind::limit,
                   "too many connections: `max-connections` is " + std::to_string(limit->most_)));
  }

 private:
  std::int64_t most_;
  std::atomic<std::int64_t> taken_ = 0;
};

// The right to use a connection, until it goes out of scope.
using Turn = std::unique_lock<std::timed_mutex>;

// Waits until no other call uses the connection. It wakes up every few milliseconds to ask whether
// the current call should stop. Outside of a call, for example in a destructor, it waits for as
// long as it takes. Errors: interrupted.
[[nodiscard]] inline tenon::expected<Turn, sql::error> wait_for_turn(std::timed_mutex& calls) {
  constexpr std::chrono::milliseconds kPollInterval{2};
  Turn turn(calls, std::defer_lock);
  while (!turn.try_lock_for(kPollInterval))
    if (tenon::current_call().should_stop())
      return tenon::unexpected(make_error(sql::error_kind::interrupted,
                                          "another call used the connection until the deadline"));
  return turn;
}

inline constexpr std::string_view kInMemory = ":memory:";

// The configured folder, with links resolved.
// Throws std::runtime_error if there is no such folder; the bundle cannot start then.
[[nodiscard]] std::filesystem::path find_folder(std::string_view configured);

// The file that a guest's path names: a place in `folder` that no link leads out of. The file
// itself need not exist. Without `folder`, guests may open no files.
// Errors: denied.
[[nodiscard]] tenon::expected<std::filesystem::path, sql::error> find_database(
    std::string_view path, const std::optional<std::filesystem::path>& folder);

}  // namespace sql_adapter
