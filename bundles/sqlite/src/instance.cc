// The bundle `sqlite`: databases of SQLite as `tenon:sql/database`. ../host.toml describes its
// configuration.
#include <atomic>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include "database.h"
#include "sql_adapter.h"
#include "sql_host.h"
#include "statement.h"

namespace sqlite_adapter {

namespace {

namespace fs = std::filesystem;
using tenon::unexpected;

std::int64_t read_number(const tenon::host_config& config, const char* key,
                         std::int64_t default_number, std::int64_t least, std::int64_t most) {
  const std::int64_t number = config.integer(key).value_or(default_number);
  if (number < least || number > most)
    throw std::runtime_error("`" + std::string(key) + "` must be from " + std::to_string(least) +
                             " to " + std::to_string(most) + ", found " + std::to_string(number));
  return number;
}

Settings read_settings(const tenon::host_config& config) {
  constexpr std::int64_t kAny = std::numeric_limits<std::int64_t>::max();
  Settings settings;
  settings.database = config.text("database");
  if (const auto folder = config.text("folder"))
    settings.folder = sql_adapter::find_folder(*folder);
  if (config.flag("read-only").value_or(false)) settings.access = Access::ReadOnly;
  settings.busy_timeout = std::chrono::milliseconds(
      read_number(config, "busy-timeout-ms", settings.busy_timeout.count(), 0, 86'400'000));
  settings.max_value_bytes = static_cast<int>(
      read_number(config, "max-value-bytes", settings.max_value_bytes, 1000, 1'000'000'000));
  if (config.integer("max-bytes"))
    settings.max_bytes = read_number(config, "max-bytes", 0, 4096, kAny);
  settings.max_connections =
      read_number(config, "max-connections", settings.max_connections, 1, 10'000);
  if (settings.access == Access::ReadOnly && !settings.database && !settings.folder)
    throw std::runtime_error(
        "`read-only` needs a `database` or a `folder`: a database in memory is empty");
  return settings;
}

// The name of a database in memory, unique in the process: connections that open it share it.
std::string make_memory_name() {
  static std::atomic<unsigned> count = 0;
  return "file:/tenon-" + std::to_string(++count) + "?vfs=memdb";
}

// The connection of a guest.
class Connection final : public sql::connection {
 public:
  explicit Connection(std::shared_ptr<Database> database) : database_(std::move(database)) {}

  tenon::expected<std::uint64_t, sql::error> execute(std::string_view text) override {
    const auto entered = database_->enter();
    if (!entered) return unexpected(entered.error());
    std::uint64_t changed = 0;
    std::size_t at = 0;
    while (at < text.size()) {
      const auto prepared = database_->prepare(text, at);
      if (!prepared) return unexpected(prepared.error());
      at = prepared->end;
      if (prepared->statement == nullptr) continue;
      if (sqlite3_bind_parameter_count(prepared->statement.get()) > 0)
        return unexpected(sql_adapter::make_error(
            sql::error_kind::parameters,
            "`execute` runs statements without parameters; use `query` or `prepare`"));
      const auto count = run_to_end(*database_, *prepared->statement);
      if (!count) return unexpected(count.error());
      changed += *count;
    }
    return changed;
  }

  tenon::expected<std::shared_ptr<sql::rows>, sql::error> query(
      std::string_view text, std::span<const sql::value> parameters) override {
    const auto entered = database_->enter();
    if (!entered) return unexpected(entered.error());
    const auto program = compile(database_, text);
    if (!program) return unexpected(program.error());
    return sqlite_adapter::query(*program, parameters);
  }

  tenon::expected<std::shared_ptr<sql::statement>, sql::error> prepare(
      std::string_view text) override {
    const auto entered = database_->enter();
    if (!entered) return unexpected(entered.error());
    const auto program = compile(database_, text);
    if (!program) return unexpected(program.error());
    return std::make_shared<Statement>(*program);
  }

 private:
  std::shared_ptr<Database> database_;
};

}  // namespace

class Instance final : public sql_host::instance {
 public:
  static std::unique_ptr<Instance> create(const tenon::host_config& config) {
    auto instance = std::make_unique<Instance>(read_settings(config));
    // A wrong configuration is reported now, not at the first call. The first connection to a
    // database in memory stays open, because the database ends with its last connection.
    auto first = Database::open(instance->main_opening(), instance->settings_,
                                std::make_shared<sql_adapter::ConnectionLimit>(1));
    if (!first)
      throw std::runtime_error("`" + instance->settings_.database.value_or(":memory:") +
                               "` cannot be opened: " + first.error().message);
    if (!instance->settings_.database) instance->memory_ = *std::move(first);
    return instance;
  }

  // Every function can wait for a disk or for a lock.
  static constexpr std::uint32_t function_flags(std::string_view /*name*/) {
    return TENON_MAY_BLOCK;
  }

  explicit Instance(Settings settings)
      : settings_(std::move(settings)),
        memory_name_(make_memory_name()),
        limit_(std::make_shared<sql_adapter::ConnectionLimit>(settings_.max_connections)) {}

  tenon::expected<std::shared_ptr<sql::connection>, sql::error> connection_open(
      const std::optional<std::string_view>& path) override {
    auto opening = path ? opening_of(*path) : main_opening();
    if (!opening) return unexpected(opening.error());
    auto opened = Database::open(*opening, settings_, limit_);
    if (!opened) return unexpected(opened.error());
    return std::make_shared<Connection>(*std::move(opened));
  }

 private:
  [[nodiscard]] int file_flags() const {
    return settings_.access == Access::ReadOnly ? SQLITE_OPEN_READONLY
                                                : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
  }

  [[nodiscard]] Opening main_opening() const {
    if (!settings_.database)
      return {memory_name_, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_URI,
              settings_.max_bytes.value_or(kMemoryBytes)};
    // Absolute, because SQLite takes a name that begins with `file:` as a URI.
    return {fs::absolute(*settings_.database).string(), file_flags(),
            settings_.max_bytes.value_or(0)};
  }

  [[nodiscard]] tenon::expected<Opening, sql::error> opening_of(std::string_view path) const {
    if (path == sql_adapter::kInMemory)
      return Opening{":memory:", SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE,
                     settings_.max_bytes.value_or(kMemoryBytes)};
    const auto place = sql_adapter::find_database(path, settings_.folder);
    if (!place) return unexpected(place.error());
    return Opening{place->string(), file_flags() | SQLITE_OPEN_NOFOLLOW,
                   settings_.max_bytes.value_or(0)};
  }

  Settings settings_;
  std::string memory_name_;
  std::shared_ptr<sql_adapter::ConnectionLimit> limit_;
  std::shared_ptr<Database> memory_;  // keeps a database in memory; null if it is a file
};

}  // namespace sqlite_adapter

TENON_HOST_MODULE(sqlite, "0.1.0", sqlite_adapter::Instance, TENON_CONCURRENT)
