// The bundle: databases of SQLite as `tenon:sql/database`. ../host.toml has its configuration.
#include <atomic>
#include <filesystem>
#include <limits>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>

#include "connection.h"
#include "database_path.h"
#include "settings.h"
#include "sql_host.h"

namespace sqlite_adapter {

namespace {

namespace fs = std::filesystem;

std::int64_t read_number(const tenon::host_config& config, const char* key, std::int64_t absent,
                         std::int64_t least, std::int64_t most) {
  const std::int64_t number = config.integer(key).value_or(absent);
  if (number < least || number > most)
    throw std::runtime_error("`" + std::string(key) + "` is to be from " + std::to_string(least) +
                             " to " + std::to_string(most) + ", and is " + std::to_string(number));
  return number;
}

Settings read_settings(const tenon::host_config& config) {
  constexpr std::int64_t kAny = std::numeric_limits<std::int64_t>::max();
  Settings made;
  made.database = config.text("database");
  if (const auto folder = config.text("folder")) made.folder = sql_adapter::find_folder(*folder);
  if (config.flag("read-only").value_or(false)) made.access = Access::ReadOnly;
  made.busy_timeout = std::chrono::milliseconds(
      read_number(config, "busy-timeout-ms", made.busy_timeout.count(), 0, 86'400'000));
  made.max_value_bytes = static_cast<int>(
      read_number(config, "max-value-bytes", made.max_value_bytes, 1000, 1'000'000'000));
  if (config.integer("max-bytes")) made.max_bytes = read_number(config, "max-bytes", 0, 4096, kAny);
  made.max_connections = read_number(config, "max-connections", made.max_connections, 1, 10'000);
  if (made.access == Access::ReadOnly && !made.database && !made.folder)
    throw std::runtime_error(
        "`read-only` needs a `database` or a `folder`: a database in memory is empty");
  return made;
}

// One name for each instance of the process: a database in memory that its connections share.
std::string make_memory_name() {
  static std::atomic<unsigned> made = 0;
  return "file:/tenon-" + std::to_string(++made) + "?vfs=memdb";
}

}  // namespace

class Instance final : public sql_host::instance {
 public:
  static std::unique_ptr<Instance> create(const tenon::host_config& config) {
    auto made = std::make_unique<Instance>(read_settings(config));
    // What is configured wrong is told at the start. One in memory lives as long as this does.
    auto first = Database::open(made->main_opening(), made->settings_,
                                std::make_shared<sql_adapter::ConnectionLimit>(1));
    if (!first)
      throw std::runtime_error("`" + made->settings_.database.value_or(":memory:") +
                               "` cannot be opened: " + first.error().message);
    if (!made->settings_.database) made->memory_ = *std::move(first);
    return made;
  }

  // Each may wait for a disk, or for a lock.
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
    if (!opening) return tenon::unexpected(opening.error());
    auto opened = Database::open(*opening, settings_, limit_);
    if (!opened) return tenon::unexpected(opened.error());
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
    // Absolute: a name that begins with `file:` is an address to SQLite.
    return {fs::absolute(*settings_.database).string(), file_flags(),
            settings_.max_bytes.value_or(0)};
  }

  [[nodiscard]] tenon::expected<Opening, sql::error> opening_of(std::string_view path) const {
    if (path == sql_adapter::kInMemory)
      return Opening{":memory:", SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE,
                     settings_.max_bytes.value_or(kMemoryBytes)};
    const auto place = sql_adapter::find_database(path, settings_.folder);
    if (!place) return tenon::unexpected(place.error());
    return Opening{place->string(), file_flags() | SQLITE_OPEN_NOFOLLOW,
                   settings_.max_bytes.value_or(0)};
  }

  Settings settings_;
  std::string memory_name_;
  std::shared_ptr<sql_adapter::ConnectionLimit> limit_;
  std::shared_ptr<Database> memory_;  // no guest's; null: the database is a file
};

}  // namespace sqlite_adapter

TENON_HOST_MODULE(sqlite, "0.1.0", sqlite_adapter::Instance, TENON_CONCURRENT)
