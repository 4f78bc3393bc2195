// The bundle `keyvalue-sqlite`: buckets in a database of SQLite as `wasi:keyvalue`. ../host.toml
// describes its configuration.
#include <algorithm>
#include <filesystem>
#include <limits>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "adapter.h"
#include "database.h"
#include "utf8.h"

namespace keyvalue_sqlite {

namespace {

using keyvalue_adapter::Access;
using keyvalue_adapter::Bytes;
using keyvalue_adapter::Entry;
using keyvalue_adapter::make_error;
using keyvalue_adapter::Pair;
using tenon::unexpected;

// The bytes of a row in addition to its key and its value: the name of the bucket, and the header.
constexpr std::size_t kRowBytes = 4096;

// Undoes what was written since it began, unless it was committed.
class Transaction final {
 public:
  [[nodiscard]] static Outcome<std::unique_ptr<Transaction>> begin(Database& database) {
    Run run = database.run(Sql::Begin);
    const auto begun = run.step();
    if (!begun) return unexpected(begun.error());
    return std::make_unique<Transaction>(database);
  }
  explicit Transaction(Database& database) : database_(&database) {}
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  ~Transaction() {
    if (database_ != nullptr) (void)database_->run(Sql::Rollback).step();
  }

  [[nodiscard]] Outcome<void> commit() {
    {
      Run run = database_->run(Sql::Commit);
      const auto done = run.step();
      if (!done) return unexpected(done.error());
    }
    database_ = nullptr;
    return {};
  }

 private:
  Database* database_;  // null: it is committed
};

class SqliteStore final : public keyvalue_adapter::Store {
 public:
  SqliteStore(std::shared_ptr<Database> database, std::string bucket)
      : database_(std::move(database)), bucket_(std::move(bucket)) {}

  Outcome<std::optional<Entry>> get(std::string_view key) override {
    Run run = database_->run(Sql::Get);
    const auto row = run.bind(1, bucket_).bind(2, key).step();
    if (!row) return unexpected(row.error());
    if (!*row) return std::optional<Entry>();
    const BytesView value = run.bytes(1);
    return std::optional(
        Entry{Bytes(value.begin(), value.end()), static_cast<std::uint64_t>(run.number(0))});
  }

  Outcome<void> set(std::span<const Pair> pairs) override {
    return write_all(pairs, [&](const Pair& pair) {
      Run run = database_->run(Sql::Set);
      return database_->execute(run.bind(1, bucket_).bind(2, pair.key).bind(3, pair.value));
    });
  }

  Outcome<void> remove(std::span<const std::string_view> keys) override {
    return write_all(keys, [&](std::string_view key) {
      Run run = database_->run(Sql::Remove);
      return database_->execute(run.bind(1, bucket_).bind(2, key));
    });
  }

  Outcome<bool> swap(const Pair& pair, std::uint64_t revision) override {
    Run run = database_->run(Sql::Swap);
    run.bind(1, bucket_).bind(2, pair.key).bind(3, pair.value);
    const auto changed = database_->execute(run.bind(4, static_cast<std::int64_t>(revision)));
    if (!changed) return unexpected(changed.error());
    return *changed > 0;
  }

  Outcome<std::vector<std::string>> list(std::string_view after, std::size_t most) override {
    Run run = database_->run(Sql::List);
    run.bind(1, bucket_).bind(2, after).bind(4, static_cast<std::int64_t>(most));
    std::vector<std::string> keys;
    while (true) {
      const auto row = run.step();
      if (!row) return unexpected(row.error());
      if (!*row) return keys;
      const BytesView bytes = run.bytes(0);
      std::string key(bytes.begin(), bytes.end());
      if (bundle_text::find_bad_utf8(key) != key.size())
        return unexpected(make_error("the database has a key that is not UTF-8"));
      keys.push_back(std::move(key));
    }
  }

 private:
  // Writes all items or none.
  template <class T, class Write>
  Outcome<void> write_all(std::span<const T> items, Write write) {
    auto transaction = Transaction::begin(*database_);
    if (!transaction) return unexpected(transaction.error());
    for (const T& item : items) {
      if (tenon::current_call().should_stop())
        return unexpected(make_error("the deadline of the call has passed"));
      const auto written = write(item);
      if (!written) return unexpected(written.error());
    }
    return (*transaction)->commit();
  }

  std::shared_ptr<Database> database_;
  std::string bucket_;
};

}  // namespace

class Instance final : public keyvalue_adapter::Adapter {
 public:
  static std::unique_ptr<Instance> create(const tenon::host_config& config) {
    const keyvalue_adapter::Settings settings = keyvalue_adapter::read_settings(config);
    Opening opening;
    // Absolute, because SQLite takes a name that begins with `file:` as a URI.
    if (const auto file = config.text("database"))
      opening.file = std::filesystem::absolute(*file).string();
    opening.is_read_only = settings.access == Access::ReadOnly;
    if (opening.is_read_only && !opening.file)
      throw std::runtime_error("`read-only` needs a `database`: one in memory is empty");
    opening.busy_timeout = std::chrono::milliseconds(
        keyvalue_adapter::read_number(config, "busy-timeout-ms", 0, 86'400'000));
    opening.max_row_bytes =
        static_cast<int>(settings.max_key_bytes + settings.max_value_bytes + kRowBytes);
    opening.max_bytes = keyvalue_adapter::read_number(config, "max-bytes", 65'536,
                                                      std::numeric_limits<std::int64_t>::max());
    auto database = Database::open(opening);
    if (!database)
      throw std::runtime_error("`" + opening.file.value_or(":memory:") + "` cannot be used: " +
                               std::get<error::other>(database.error().which).value);
    return std::make_unique<Instance>(settings, *std::move(database));
  }

  Instance(const keyvalue_adapter::Settings& settings, std::shared_ptr<Database> database)
      : Adapter(settings), database_(std::move(database)) {}

 protected:
  Outcome<std::shared_ptr<keyvalue_adapter::Store>> open_store(const std::string& name) override {
    return std::make_shared<SqliteStore>(database_, name);
  }

 private:
  std::shared_ptr<Database> database_;
};

}  // namespace keyvalue_sqlite

TENON_HOST_MODULE(keyvalue_sqlite, "0.1.0", keyvalue_sqlite::Instance, TENON_SERIAL_INSTANCE)
