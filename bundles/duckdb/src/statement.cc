#include "statement.h"

#include <optional>
#include <string>

#include "column_reader.h"

namespace duckdb_adapter {

namespace {

using sql::error_kind;
using sql_adapter::make_error;
using tenon::unexpected;

class Chunk final {
 public:
  Chunk(const Api& api, ChunkPointer handle) : api_(api), handle_(handle) {}
  Chunk(const Chunk&) = delete;
  Chunk& operator=(const Chunk&) = delete;
  ~Chunk() {
    if (handle_ != nullptr) api_.destroy_data_chunk(&handle_);
  }
  [[nodiscard]] ChunkPointer handle() const { return handle_; }

 private:
  const Api& api_;
  ChunkPointer handle_;
};

class Rows final : public sql::rows {
 public:
  // result: null if the statement returns no rows. REQUIRES: entered.
  Rows(std::shared_ptr<Program> program, std::unique_ptr<Result> result,
       std::vector<ColumnReader> readers)
      : program_(std::move(program)),
        run_(program_->run),
        result_(std::move(result)),
        readers_(std::move(readers)) {}
  Rows(const Rows&) = delete;
  Rows& operator=(const Rows&) = delete;
  // REQUIRES: not entered.
  ~Rows() override;

  std::vector<sql::column> columns() override;
  tenon::expected<std::optional<sql::chunk>, sql::error> next() override;

 private:
  std::shared_ptr<Program> program_;
  std::uint64_t run_;
  std::unique_ptr<Result> result_;  // null once all rows are read
  std::vector<ColumnReader> readers_;
};

}  // namespace

tenon::expected<std::shared_ptr<Program>, sql::error> compile(
    const std::shared_ptr<Session>& session, std::string_view text) {
  Session::Extracted extracted(*session, std::string(text));
  const auto count = extracted.count();
  if (!count) return unexpected(count.error());
  if (*count == 0)
    return unexpected(make_error(error_kind::misuse, "there is no statement in the SQL"));
  if (*count > 1)
    return unexpected(
        make_error(error_kind::misuse,
                   "there is more after the first statement; `connection.execute` runs several"));
  auto statement = extracted.prepare(0);
  if (!statement) return unexpected(statement.error());
  auto program = std::make_shared<Program>();
  program->session = session;
  program->statement = *std::move(statement);
  return program;
}

std::uint64_t count_changed(Result& result) {
  return result.api().result_return_type(result.record()) == ResultType::ChangedRows
             ? result.api().rows_changed(&result.record())
             : 0;
}

tenon::expected<std::shared_ptr<sql::rows>, sql::error> query(
    const std::shared_ptr<Program>& program, std::span<const sql::value> parameters) {
  ++program->run;
  auto result = program->session->run(*program->statement, parameters);
  if (!result) return unexpected(result.error());
  std::unique_ptr<Result> rows = *std::move(result);
  std::vector<ColumnReader> readers;
  // DuckDB returns a count of changed rows as a table with one row. A guest gets no rows then.
  if (rows->api().result_return_type(rows->record()) == ResultType::Query) {
    const idx_t count = rows->api().column_count(&rows->record());
    for (idx_t k = 0; k < count; ++k) {
      readers.emplace_back(rows->api(), rows->record(), k);
      if (const auto checked = readers.back().check_type(); !checked)
        return unexpected(checked.error());
    }
  } else {
    rows.reset();
  }
  return std::make_shared<Rows>(program, std::move(rows), std::move(readers));
}

Rows::~Rows() {
  const auto turn = program_->session->enter();
  result_.reset();
}

std::vector<sql::column> Rows::columns() {
  std::vector<sql::column> columns;
  for (const ColumnReader& reader : readers_) columns.push_back(reader.column());
  return columns;
}

tenon::expected<std::optional<sql::chunk>, sql::error> Rows::next() {
  const auto turn = program_->session->enter();
  if (!turn) return unexpected(turn.error());
  if (program_->run != run_)
    return unexpected(
        make_error(error_kind::misuse, "the statement was run again, which ended these rows"));
  if (result_ == nullptr) return std::nullopt;
  const Api& api = result_->api();
  const Chunk fetched(api, api.fetch_chunk(result_->record()));
  const idx_t count = fetched.handle() == nullptr ? 0 : api.data_chunk_get_size(fetched.handle());
  if (count == 0) {
    result_.reset();
    return std::nullopt;
  }
  sql::chunk chunk;
  chunk.rows = static_cast<std::uint32_t>(count);
  for (std::size_t k = 0; k < readers_.size(); ++k)
    chunk.columns.push_back(
        readers_[k].read(api, api.data_chunk_get_vector(fetched.handle(), k), count));
  return chunk;
}

std::uint32_t Statement::parameters() {
  return static_cast<std::uint32_t>(program_->session->api()->nparams(program_->statement.get()));
}

tenon::expected<std::uint64_t, sql::error> Statement::run_once(
    std::span<const sql::value> parameters) {
  ++program_->run;
  const auto result = program_->session->run(*program_->statement, parameters);
  if (!result) return unexpected(result.error());
  return count_changed(**result);
}

tenon::expected<std::uint64_t, sql::error> Statement::execute(
    std::span<const sql::value> parameters) {
  const auto turn = program_->session->enter();
  if (!turn) return unexpected(turn.error());
  return run_once(parameters);
}

tenon::expected<std::uint64_t, sql::error> Statement::execute_many(
    std::span<const std::vector<sql::value>> rows) {
  const auto turn = program_->session->enter();
  if (!turn) return unexpected(turn.error());
  std::uint64_t changed = 0;
  for (const std::vector<sql::value>& parameters : rows) {
    // A short run ends before the watcher's thread wakes up.
    if (tenon::current_call().should_stop())
      return unexpected(make_error(error_kind::interrupted, "the call has reached its deadline"));
    const auto count = run_once(parameters);
    if (!count) return count;
    changed += *count;
  }
  return changed;
}

tenon::expected<std::shared_ptr<sql::rows>, sql::error> Statement::query(
    std::span<const sql::value> parameters) {
  const auto turn = program_->session->enter();
  if (!turn) return unexpected(turn.error());
  return duckdb_adapter::query(program_, parameters);
}

}  // namespace duckdb_adapter
