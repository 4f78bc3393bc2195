// Sums a million rows of DuckDB, with three columns of numbers and one of texts of eight bytes, in
// a guest through the bundle `duckdb`, and in C++ code that reads DuckDB's chunks. The guest must
// take at most twice as long.
//
// items_per_second counts rows. Needs libduckdb: ./dev setup --with-duckdb.
#include <benchmark/benchmark.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "bundles/duckdb/src/duckdb_api.h"
#include "tenon/builder.h"
#include "tenon/composition.h"
#include "tests/support/duckdb_library.h"

namespace tenon::bench {
namespace {

using duckdb_adapter::Api;
using duckdb_adapter::ChunkPointer;
using duckdb_adapter::idx_t;
using duckdb_adapter::ResultRecord;
using duckdb_adapter::State;
using duckdb_adapter::StringRecord;

constexpr std::int64_t kRows = 1'000'000;
constexpr const char* kMake =
    "CREATE TABLE t AS SELECT i AS a, i * 2 AS b, i / 2.0::DOUBLE AS c, lpad(i::VARCHAR, 8, '0') "
    "AS "
    "d FROM range(1000000) r(i)";
constexpr const char* kRead = "SELECT a, b, c, d FROM t";

[[noreturn]] void give_up(const std::string& why) {
  std::fprintf(stderr, "sql_scan: %s\n", why.c_str());
  std::exit(1);
}

Composition make_guest(const std::string& library) {
  CompositionBuilder builder;
  builder.add_component("app", TENON_SOURCE_DIR "/tests/guests/bundles/wasm/query.wasm");
  builder.add_host_bundle("db", TENON_BINARY_DIR "/bundles/duckdb");
  builder.set_host_config("db", "libduckdb", library);
  Result<Composition> built = builder.build();
  if (!built) give_up(built.error().front().message);
  return *std::move(built);
}

// The ok value that a call returned; ends the program on failure.
void need_ok(const CallResult<std::optional<Value>>& returned) {
  const auto* const result = returned && *returned ? (*returned)->get_if<ValueResult>() : nullptr;
  if (result == nullptr || !result->is_ok) give_up("a call of the guest failed");
}

void read_by_guest(benchmark::State& state) {
  const auto library = find_duckdb();
  if (!library) return state.SkipWithError("no libduckdb: ./dev setup --with-duckdb");
  const Composition guest = make_guest(*library);
  need_ok(guest.call("query", "execute", std::vector<Value>{Value::string(kMake)}));
  for (auto _ : state)
    need_ok(guest.call("query", "scan", std::vector<Value>{Value::string(kRead)}));
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()) * kRows);
}
BENCHMARK(read_by_guest)->Unit(benchmark::kMillisecond)->UseRealTime();

// A database in memory, used without the bundle.
class Database final {
 public:
  explicit Database(const std::string& library) : api_(duckdb_adapter::load_api(library)) {
    char* error = nullptr;
    if (api_->get_or_create_from_cache(api_->cache, ":memory:", &database_, nullptr, &error) !=
            State::Success ||
        api_->connect(database_, &connection_) != State::Success)
      give_up("DuckDB does not open a database");
  }
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;
  ~Database() {
    api_->disconnect(&connection_);
    api_->close(&database_);
  }

  [[nodiscard]] const Api& api() const { return *api_; }

  // The result must be destroyed with destroy_result.
  [[nodiscard]] ResultRecord run(const char* sql) const {
    duckdb_adapter::ExtractedPointer extracted = nullptr;
    duckdb_adapter::StatementPointer statement = nullptr;
    ResultRecord result = {};
    if (api_->extract_statements(connection_, sql, &extracted) != 1 ||
        api_->prepare_extracted_statement(connection_, extracted, 0, &statement) !=
            State::Success ||
        api_->execute_prepared(statement, &result) != State::Success)
      give_up("DuckDB does not run a statement");
    api_->destroy_prepare(&statement);
    api_->destroy_extracted(&extracted);
    return result;
  }

 private:
  std::shared_ptr<const Api> api_;
  duckdb_adapter::DatabasePointer database_ = nullptr;
  duckdb_adapter::ConnectionPointer connection_ = nullptr;
};

struct Totals {
  std::int64_t integers = 0;
  double reals = 0;
  std::uint64_t bytes = 0;
};

void add_chunk(const Api& api, ChunkPointer chunk, Totals& totals) {
  const idx_t rows = api.data_chunk_get_size(chunk);
  const auto data = [&](idx_t column) {
    return api.vector_get_data(api.data_chunk_get_vector(chunk, column));
  };
  for (const idx_t column : {idx_t{0}, idx_t{1}}) {
    const auto* const numbers = static_cast<const std::int64_t*>(data(column));
    for (idx_t row = 0; row < rows; ++row) totals.integers += numbers[row];
  }
  const auto* const reals = static_cast<const double*>(data(2));
  for (idx_t row = 0; row < rows; ++row) totals.reals += reals[row];
  const auto* const texts = static_cast<const StringRecord*>(data(3));
  for (idx_t row = 0; row < rows; ++row)
    for (std::uint32_t k = 0; k < texts[row].length; ++k)
      totals.bytes += static_cast<unsigned char>(texts[row].data()[k]);
}

void read_natively(benchmark::State& state) {
  const auto library = find_duckdb();
  if (!library) return state.SkipWithError("no libduckdb: ./dev setup --with-duckdb");
  const Database database(*library);
  const Api& api = database.api();
  ResultRecord made = database.run(kMake);
  api.destroy_result(&made);
  for (auto _ : state) {
    ResultRecord result = database.run(kRead);
    Totals totals;
    while (ChunkPointer chunk = api.fetch_chunk(result)) {
      add_chunk(api, chunk, totals);
      api.destroy_data_chunk(&chunk);
    }
    api.destroy_result(&result);
    benchmark::DoNotOptimize(totals);
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()) * kRows);
}
BENCHMARK(read_natively)->Unit(benchmark::kMillisecond)->UseRealTime();

}  // namespace
}  // namespace tenon::bench
