#include "statement.h"

#include <string>
#include <type_traits>

#include "column_builder.h"
#include "utf8.h"

namespace sqlite_adapter {

namespace {

using bundle_text::make_utf8;
using sql::error_kind;
using sql_adapter::make_error;
using tenon::unexpected;

int bind(sqlite3_stmt* statement, int at, const sql::value& value) {
  return std::visit(
      [&]<class Case>(const Case& active) {
        if constexpr (std::is_same_v<Case, sql::value::null>)
          return sqlite3_bind_null(statement, at);
        else if constexpr (std::is_same_v<Case, sql::value::boolean>)
          return sqlite3_bind_int(statement, at, active.value ? 1 : 0);
        else if constexpr (std::is_same_v<Case, sql::value::integer>)
          return sqlite3_bind_int64(statement, at, active.value);
        else if constexpr (std::is_same_v<Case, sql::value::real>)
          return sqlite3_bind_double(statement, at, active.value);
        else if constexpr (std::is_same_v<Case, sql::value::text>)
          return sqlite3_bind_text64(statement, at, active.value.data(), active.value.size(),
                                     SQLITE_TRANSIENT, SQLITE_UTF8);
        else if (active.value.empty())
          return sqlite3_bind_zeroblob(
              statement, at,
              0);  // the address of an empty vector is null, which SQLite binds as NULL
        else
          return sqlite3_bind_blob64(statement, at, active.value.data(), active.value.size(),
                                     SQLITE_TRANSIENT);
      },
      value.which);
}

// Begins a run, which ends the rows of the last one.
tenon::expected<void, sql::error> begin(Program& program, std::span<const sql::value> parameters) {
  sqlite3_stmt* const statement = program.statement.get();
  sqlite3_reset(statement);  // returns the error of the last run, which was reported already
  ++program.run;
  const auto count = static_cast<std::size_t>(sqlite3_bind_parameter_count(statement));
  if (parameters.size() != count)
    return unexpected(make_error(error_kind::parameters,
                                 "the statement takes " + std::to_string(count) +
                                     " parameters, got " + std::to_string(parameters.size())));
  for (std::size_t k = 0; k < count; ++k)
    if (bind(statement, static_cast<int>(k + 1), parameters[k]) != SQLITE_OK)
      return unexpected(program.database->last_error());
  return {};
}

tenon::expected<std::uint64_t, sql::error> execute_program(Program& program,
                                                           std::span<const sql::value> parameters) {
  if (auto begun = begin(program, parameters); !begun) return unexpected(begun.error());
  return run_to_end(*program.database, *program.statement);
}

class Rows final : public sql::rows {
 public:
  enum class FirstRow { Ready, None };

  // first: whether the statement is at its first row or at its end. REQUIRES: entered.
  Rows(std::shared_ptr<Program> program, FirstRow first);
  Rows(const Rows&) = delete;
  Rows& operator=(const Rows&) = delete;
  // Ends the run, which releases its locks. REQUIRES: not entered.
  ~Rows() override;

  std::vector<sql::column> columns() override { return columns_; }
  tenon::expected<std::optional<sql::chunk>, sql::error> next() override;

 private:
  // Ends the run with an error, which all later calls return too.
  tenon::unexpected<sql::error> fail(sql::error error);
  [[nodiscard]] tenon::expected<std::optional<sql::chunk>, sql::error> read_chunk();

  std::shared_ptr<Program> program_;
  std::uint64_t run_;
  std::vector<sql::column> columns_;
  bool has_row_;  // the statement is at a row that is not read yet
  std::optional<sql::error> failed_;
};

// A chunk ends after so many rows, or when its values reach so many bytes.
constexpr std::uint32_t kChunkRows = 2048;
constexpr std::size_t kChunkBytes = std::size_t{1} << 20U;

// How many values of the size `max-value-bytes` fit into one row.
constexpr std::size_t kMaxLargeValues = 4;

std::string text_of(const char* text) { return text == nullptr ? "" : make_utf8(text); }

}  // namespace

tenon::expected<std::shared_ptr<Program>, sql::error> compile(
    const std::shared_ptr<Database>& database, std::string_view text) {
  auto first = database->prepare(text, 0);
  // To SQLite, a comment before the statement is a statement of its own, which compiles to null.
  while (first && first->statement == nullptr && first->end < text.size())
    first = database->prepare(text, first->end);
  if (!first) return unexpected(first.error());
  if (first->statement == nullptr)
    return unexpected(make_error(error_kind::misuse, "there is no statement in the SQL"));
  std::size_t end = first->end;
  while (end < text.size()) {
    const auto next = database->prepare(text, end);
    if (!next || next->statement != nullptr) {
      sql::error error =
          make_error(error_kind::misuse,
                     "there is more after the first statement; `connection.execute` runs several");
      error.position = static_cast<std::uint32_t>(end);
      return unexpected(std::move(error));
    }
    end = next->end;
  }
  auto program = std::make_shared<Program>();
  program->database = database;
  program->statement = std::move(first->statement);
  return program;
}

tenon::expected<std::uint64_t, sql::error> run_to_end(Database& database, sqlite3_stmt& statement) {
  sqlite3* const handle = &database.handle();
  database.clear_refusal();
  const std::int64_t before = sqlite3_total_changes64(handle);
  int code = SQLITE_ROW;
  while (code == SQLITE_ROW) code = sqlite3_step(&statement);
  if (code != SQLITE_DONE) {
    sql::error failed = database.last_error();
    sqlite3_reset(&statement);
    return unexpected(std::move(failed));
  }
  // sqlite3_changes64 does not count changes by triggers. A statement that changes nothing leaves
  // the count of an earlier one, which the total tells apart.
  const std::int64_t changed =
      sqlite3_total_changes64(handle) != before ? sqlite3_changes64(handle) : 0;
  sqlite3_reset(&statement);
  return static_cast<std::uint64_t>(changed);
}

tenon::expected<std::shared_ptr<sql::rows>, sql::error> query(
    const std::shared_ptr<Program>& program, std::span<const sql::value> parameters) {
  if (auto begun = begin(*program, parameters); !begun) return unexpected(begun.error());
  program->database->clear_refusal();
  const int code = sqlite3_step(program->statement.get());
  if (code == SQLITE_ROW) return std::make_shared<Rows>(program, Rows::FirstRow::Ready);
  if (code == SQLITE_DONE) return std::make_shared<Rows>(program, Rows::FirstRow::None);
  sql::error failed = program->database->last_error();
  sqlite3_reset(program->statement.get());
  return unexpected(std::move(failed));
}

std::uint32_t Statement::parameters() {
  return static_cast<std::uint32_t>(sqlite3_bind_parameter_count(program_->statement.get()));
}

tenon::expected<std::uint64_t, sql::error> Statement::execute(
    std::span<const sql::value> parameters) {
  const auto entered = program_->database->enter();
  if (!entered) return unexpected(entered.error());
  return execute_program(*program_, parameters);
}

tenon::expected<std::uint64_t, sql::error> Statement::execute_many(
    std::span<const std::vector<sql::value>> rows) {
  const auto entered = program_->database->enter();
  if (!entered) return unexpected(entered.error());
  std::uint64_t changed = 0;
  for (const std::vector<sql::value>& parameters : rows) {
    // The progress handler is not called for statements of few steps.
    if (tenon::current_call().should_stop())
      return unexpected(make_error(error_kind::interrupted, "the call has reached its deadline"));
    const auto count = execute_program(*program_, parameters);
    if (!count) return unexpected(count.error());
    changed += *count;
  }
  return changed;
}

tenon::expected<std::shared_ptr<sql::rows>, sql::error> Statement::query(
    std::span<const sql::value> parameters) {
  const auto entered = program_->database->enter();
  if (!entered) return unexpected(entered.error());
  return sqlite_adapter::query(program_, parameters);
}

Rows::Rows(std::shared_ptr<Program> program, FirstRow first)
    : program_(std::move(program)), run_(program_->run), has_row_(first == FirstRow::Ready) {
  sqlite3_stmt* const statement = program_->statement.get();
  // SQLite can recompile a statement at its first step, so its columns are known only after that.
  const int count = sqlite3_column_count(statement);
  for (int k = 0; k < count; ++k) {
    sql::column column;
    column.name = text_of(sqlite3_column_name(statement, k));
    column.declared = text_of(sqlite3_column_decltype(statement, k));
    columns_.push_back(std::move(column));
  }
  if (!has_row_) sqlite3_reset(statement);
}

Rows::~Rows() {
  // No call is active when a guest drops a resource, so this waits for as long as it takes.
  const auto entered = program_->database->enter();
  if (program_->run == run_) sqlite3_reset(program_->statement.get());
}

tenon::expected<std::optional<sql::chunk>, sql::error> Rows::next() {
  const auto entered = program_->database->enter();
  if (!entered) return unexpected(entered.error());
  if (failed_) return unexpected(*failed_);
  if (program_->run != run_)
    return fail(
        make_error(error_kind::misuse, "the statement was run again, which ended these rows"));
  if (!has_row_) return std::nullopt;
  return read_chunk();
}

tenon::unexpected<sql::error> Rows::fail(sql::error error) {
  failed_ = std::move(error);
  has_row_ = false;
  if (program_->run == run_) sqlite3_reset(program_->statement.get());
  return unexpected(*failed_);
}

tenon::expected<std::optional<sql::chunk>, sql::error> Rows::read_chunk() {
  sqlite3_stmt* const statement = program_->statement.get();
  std::vector<ColumnBuilder> builders(columns_.size());
  const int max_value = sqlite3_limit(&program_->database->handle(), SQLITE_LIMIT_LENGTH, -1);
  const std::size_t most = kChunkBytes + kMaxLargeValues * static_cast<std::size_t>(max_value);
  std::uint32_t count = 0;
  std::size_t bytes = 0;
  while (has_row_ && count < kChunkRows && bytes < kChunkBytes) {
    for (std::size_t k = 0; k < builders.size(); ++k) {
      const auto added = builders[k].add(*statement, static_cast<int>(k));
      if (!added) {
        sql::error error = added.error();
        error.message = "column `" + columns_[k].name + "` " + error.message;
        return fail(std::move(error));
      }
      bytes += *added;
      if (bytes > most)
        return fail(
            make_error(error_kind::limit, "a row is larger than four times `max-value-bytes`"));
    }
    ++count;
    const int code = sqlite3_step(statement);
    if (code != SQLITE_ROW && code != SQLITE_DONE) return fail(program_->database->last_error());
    has_row_ = code == SQLITE_ROW;
  }
  if (!has_row_) sqlite3_reset(statement);
  sql::chunk chunk;
  chunk.rows = count;
  for (ColumnBuilder& builder : builders) chunk.columns.push_back(std::move(builder).take());
  return chunk;
}

}  // namespace sqlite_adapter
