// The connection that a guest has.
#pragma once

#include <memory>

#include "database.h"

namespace sqlite_adapter {

class Connection final : public sql::connection {
 public:
  explicit Connection(std::shared_ptr<Database> database) : database_(std::move(database)) {}

  tenon::expected<std::uint64_t, sql::error> execute(std::string_view text) override;
  tenon::expected<std::shared_ptr<sql::rows>, sql::error> query(
      std::string_view text, std::span<const sql::value> parameters) override;
  tenon::expected<std::shared_ptr<sql::statement>, sql::error> prepare(
      std::string_view text) override;

 private:
  std::shared_ptr<Database> database_;
};

}  // namespace sqlite_adapter
