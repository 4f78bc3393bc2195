// The bundle `duckdb`: databases of DuckDB as `tenon:sql/database`. ../host.toml describes its
// configuration.
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include "duckdb_api.h"
#include "session.h"
#include "sql_adapter.h"
#include "sql_host.h"
#include "statement.h"

namespace duckdb_adapter {

namespace {

namespace fs = std::filesystem;
using tenon::unexpected;

struct Settings {
  std::optional<std::string> database;  // a file; absent: in memory
  std::optional<fs::path> folder;       // where guests may open files; no links in it
  bool is_read_only = false;
  bool has_external_access = false;
  std::string memory_limit;
  std::optional<std::int64_t> threads;
  std::int64_t max_connections = 64;
};

Settings read_settings(const tenon::host_config& config) {
  Settings settings;
  settings.database = config.text("database");
  if (const auto folder = config.text("folder"))
    settings.folder = sql_adapter::find_folder(*folder);
  settings.is_read_only = config.flag("read-only").value_or(false);
  settings.has_external_access = config.flag("external-access").value_or(false);
  settings.memory_limit = config.text("memory-limit").value_or("1GB");
  settings.threads = config.integer("threads");
  settings.max_connections = config.integer("max-connections").value_or(settings.max_connections);
  if (settings.threads && (*settings.threads < 1 || *settings.threads > 1024))
    throw std::runtime_error("`threads` must be from 1 to 1024, found " +
                             std::to_string(*settings.threads));
  if (settings.max_connections < 1)
    throw std::runtime_error("`max-connections` must be at least 1");
  if (settings.is_read_only && !settings.database && !settings.folder)
    throw std::runtime_error(
        "`read-only` needs a `database` or a `folder`: a database in memory is empty");
  return settings;
}

// The options that a database is opened with.
class Options final {
 public:
  explicit Options(const Api& api) : api_(api) { api_.create_config(&handle_); }
  Options(const Options&) = delete;
  Options& operator=(const Options&) = delete;
  ~Options() { api_.destroy_config(&handle_); }

  // Throws std::runtime_error if DuckDB rejects the value.
  void set(const char* name, const std::string& value) {
    if (api_.set_config(handle_, name, value.c_str()) != State::Success)
      throw std::runtime_error("DuckDB does not accept `" + value + "` as `" + name + "`");
  }
  [[nodiscard]] ConfigPointer handle() const { return handle_; }

 private:
  const Api& api_;
  ConfigPointer handle_ = nullptr;
};

enum class Storage { File, Memory };

}  // namespace

class Instance final : public sql_host::instance {
 public:
  static std::unique_ptr<Instance> create(const tenon::host_config& config) {
    auto instance = std::make_unique<Instance>(
        read_settings(config), load_api(std::string(config.text("libduckdb").value_or(""))));
    // A wrong configuration is reported now, not at the first call.
    auto opened = instance->open_main();
    if (!opened)
      throw std::runtime_error("`" + instance->settings_.database.value_or(":memory:") +
                               "` cannot be opened: " + opened.error().message);
    instance->main_ = *std::move(opened);
    return instance;
  }

  // Every function can wait for a disk or for DuckDB's threads.
  static constexpr std::uint32_t function_flags(std::string_view /*name*/) {
    return TENON_MAY_BLOCK;
  }

  Instance(Settings settings, std::shared_ptr<const Api> api)
      : settings_(std::move(settings)),
        api_(std::move(api)),
        watcher_(std::make_shared<Watcher>(api_)),
        limit_(std::make_shared<sql_adapter::ConnectionLimit>(settings_.max_connections)) {}

  tenon::expected<std::shared_ptr<sql::connection>, sql::error> connection_open(
      const std::optional<std::string_view>& path) override;

 private:
  [[nodiscard]] tenon::expected<std::shared_ptr<Database>, sql::error> open_main() const {
    if (!settings_.database) return open(std::string(sql_adapter::kInMemory), Storage::Memory);
    return open(fs::absolute(*settings_.database).string(), Storage::File);
  }
  [[nodiscard]] tenon::expected<std::shared_ptr<Database>, sql::error> open(const std::string& path,
                                                                            Storage kind) const;

  Settings settings_;
  std::shared_ptr<const Api> api_;
  std::shared_ptr<Watcher> watcher_;
  std::shared_ptr<sql_adapter::ConnectionLimit> limit_;
  std::shared_ptr<Database> main_;
};

namespace {

// The connection of a guest.
class Connection final : public sql::connection {
 public:
  explicit Connection(std::shared_ptr<Session> session) : session_(std::move(session)) {}

  tenon::expected<std::uint64_t, sql::error> execute(std::string_view text) override {
    const auto turn = session_->enter();
    if (!turn) return unexpected(turn.error());
    Session::Extracted extracted(*session_, std::string(text));
    const auto count = extracted.count();
    if (!count) return unexpected(count.error());
    std::uint64_t changed = 0;
    for (idx_t k = 0; k < *count; ++k) {
      const auto statement = extracted.prepare(k);
      if (!statement) return unexpected(statement.error());
      const auto result = session_->run(**statement, {});
      if (!result) return unexpected(result.error());
      changed += count_changed(**result);
    }
    return changed;
  }

  tenon::expected<std::shared_ptr<sql::rows>, sql::error> query(
      std::string_view text, std::span<const sql::value> parameters) override {
    const auto turn = session_->enter();
    if (!turn) return unexpected(turn.error());
    const auto program = compile(session_, text);
    if (!program) return unexpected(program.error());
    return duckdb_adapter::query(*program, parameters);
  }

  tenon::expected<std::shared_ptr<sql::statement>, sql::error> prepare(
      std::string_view text) override {
    const auto turn = session_->enter();
    if (!turn) return unexpected(turn.error());
    const auto program = compile(session_, text);
    if (!program) return unexpected(program.error());
    return std::make_shared<Statement>(*program);
  }

 private:
  std::shared_ptr<Session> session_;
};

}  // namespace

tenon::expected<std::shared_ptr<Database>, sql::error> Instance::open(const std::string& path,
                                                                      Storage kind) const {
  Options options(*api_);
  options.set("access_mode",
              kind == Storage::File && settings_.is_read_only ? "READ_ONLY" : "READ_WRITE");
  // A query that does not fit into memory fails instead of writing to a temporary file. DuckDB does
  // not accept this option after `enable_external_access`.
  if (!settings_.has_external_access) options.set("temp_directory", "");
  options.set("enable_external_access", settings_.has_external_access ? "true" : "false");
  if (!settings_.has_external_access) {
    options.set("autoinstall_known_extensions", "false");
    options.set("autoload_known_extensions", "false");
  }
  options.set("memory_limit", settings_.memory_limit);
  if (settings_.threads) options.set("threads", std::to_string(*settings_.threads));
  options.set("lock_configuration", "true");
  DatabasePointer opened = nullptr;
  char* error = nullptr;
  if (api_->get_or_create_from_cache(api_->cache, path.c_str(), &opened, options.handle(),
                                     &error) == State::Success)
    return std::make_shared<Database>(api_, opened);
  sql::error failure = read_error(error, {});
  failure.kind = sql::error_kind::storage;
  api_->free(error);
  return unexpected(std::move(failure));
}

tenon::expected<std::shared_ptr<sql::connection>, sql::error> Instance::connection_open(
    const std::optional<std::string_view>& path) {
  std::shared_ptr<Database> database = main_;
  auto place = sql_adapter::ConnectionLimit::take_place(limit_);
  if (!place) return unexpected(place.error());
  if (path) {
    const bool is_memory = *path == sql_adapter::kInMemory;
    std::string file(sql_adapter::kInMemory);
    if (!is_memory) {
      const auto allowed = sql_adapter::find_database(*path, settings_.folder);
      if (!allowed) return unexpected(allowed.error());
      file = allowed->string();
    }
    auto opened = open(file, is_memory ? Storage::Memory : Storage::File);
    if (!opened) return unexpected(opened.error());
    database = *std::move(opened);
  }
  auto session = Session::open(std::move(database), watcher_, *std::move(place));
  if (!session) return unexpected(session.error());
  return std::make_shared<Connection>(*std::move(session));
}

}  // namespace duckdb_adapter

TENON_HOST_MODULE(duckdb, "0.1.0", duckdb_adapter::Instance, TENON_CONCURRENT)
