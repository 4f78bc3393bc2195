#include "statement.h"

#include <utility>

#include "duckdb_error.h"

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

}  // namespace

tenon::expected<std::shared_ptr<Program>, sql::error> compile(const std::shared_ptr<Link>& link,
                                                              std::string_view text) {
  Link::Extracted extracted(*link, std::string(text));
  const auto count = extracted.count();
  if (!count) return unexpected(count.error());
  if (*count == 0)
    return unexpected(make_error(error_kind::misuse, "there is no statement in the SQL"));
  if (*count > 1)
    return unexpected(
        make_error(error_kind::misuse,
                   "there is more after the first statement; `connection.execute` runs many"));
  auto statement = extracted.prepare(0);
  if (!statement) return unexpected(statement.error());
  auto made = std::make_shared<Program>();
  made->link = link;
  made->statement = *std::move(statement);
  return made;
}

std::uint64_t count_changed(Result& result) {
  return result.api().result_return_type(result.record()) == ResultType::ChangedRows
             ? result.api().rows_changed(&result.record())
             : 0;
}

tenon::expected<std::shared_ptr<sql::rows>, sql::error> query(
    const std::shared_ptr<Program>& program, std::span<const sql::value> parameters) {
  ++program->run;
  auto result = program->link->run(*program->statement, parameters);
  if (!result) return unexpected(result.error());
  std::unique_ptr<Result> found = *std::move(result);
  std::vector<ColumnReader> readers;
  // A count of changed rows is a table to DuckDB, and none to SQL.
  if (found->api().result_return_type(found->record()) == ResultType::Query) {
    const idx_t count = found->api().column_count(&found->record());
    for (idx_t k = 0; k < count; ++k) {
      readers.emplace_back(found->api(), found->record(), k);
      if (const auto checked = readers.back().check_type(); !checked)
        return unexpected(checked.error());
    }
  } else {
    found.reset();
  }
  return std::make_shared<Rows>(program, std::move(found), std::move(readers));
}

Rows::~Rows() {
  const auto turn = program_->link->enter();
  result_.reset();
}

std::vector<sql::column> Rows::columns() {
  std::vector<sql::column> made;
  for (const ColumnReader& reader : readers_) made.push_back(reader.column());
  return made;
}

tenon::expected<std::optional<sql::chunk>, sql::error> Rows::next() {
  const auto turn = program_->link->enter();
  if (!turn) return unexpected(turn.error());
  if (program_->run != run_)
    return unexpected(
        make_error(error_kind::misuse, "the statement was run again, which ended its rows"));
  if (result_ == nullptr) return std::nullopt;
  const Api& api = result_->api();
  const Chunk chunk(api, api.fetch_chunk(result_->record()));
  const idx_t count = chunk.handle() == nullptr ? 0 : api.data_chunk_get_size(chunk.handle());
  if (count == 0) {
    result_.reset();
    return std::nullopt;
  }
  sql::chunk made;
  made.rows = static_cast<std::uint32_t>(count);
  for (std::size_t k = 0; k < readers_.size(); ++k)
    made.columns.push_back(
        readers_[k].read(api, api.data_chunk_get_vector(chunk.handle(), k), count));
  return made;
}

std::uint32_t Statement::parameters() {
  return static_cast<std::uint32_t>(program_->link->api()->nparams(program_->statement.get()));
}

tenon::expected<std::uint64_t, sql::error> Statement::run_once(
    std::span<const sql::value> parameters) {
  ++program_->run;
  const auto result = program_->link->run(*program_->statement, parameters);
  if (!result) return unexpected(result.error());
  return count_changed(**result);
}

tenon::expected<std::uint64_t, sql::error> Statement::execute(
    std::span<const sql::value> parameters) {
  const auto turn = program_->link->enter();
  if (!turn) return unexpected(turn.error());
  return run_once(parameters);
}

tenon::expected<std::uint64_t, sql::error> Statement::execute_many(
    std::span<const std::vector<sql::value>> rows) {
  const auto turn = program_->link->enter();
  if (!turn) return unexpected(turn.error());
  std::uint64_t changed = 0;
  for (const std::vector<sql::value>& parameters : rows) {
    // One that is short is over before anybody looks.
    if (tenon::current_call().should_stop())
      return unexpected(make_error(error_kind::interrupted, "the call's deadline passed"));
    const auto one = run_once(parameters);
    if (!one) return one;
    changed += *one;
  }
  return changed;
}

tenon::expected<std::shared_ptr<sql::rows>, sql::error> Statement::query(
    std::span<const sql::value> parameters) {
  const auto turn = program_->link->enter();
  if (!turn) return unexpected(turn.error());
  return duckdb_adapter::query(program_, parameters);
}

}  // namespace duckdb_adapter
