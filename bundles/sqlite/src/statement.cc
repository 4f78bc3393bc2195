#include "statement.h"

#include <type_traits>
#include <utility>

#include "rows.h"

namespace sqlite_adapter {

namespace {

using sql::error_kind;
using sql_adapter::make_error;
using tenon::unexpected;

int bind(sqlite3_stmt* statement, int at, const sql::value& value) {
  return std::visit(
      [&]<class Case>(const Case& one) {
        if constexpr (std::is_same_v<Case, sql::value::null>)
          return sqlite3_bind_null(statement, at);
        else if constexpr (std::is_same_v<Case, sql::value::boolean>)
          return sqlite3_bind_int(statement, at, one.value ? 1 : 0);
        else if constexpr (std::is_same_v<Case, sql::value::integer>)
          return sqlite3_bind_int64(statement, at, one.value);
        else if constexpr (std::is_same_v<Case, sql::value::real>)
          return sqlite3_bind_double(statement, at, one.value);
        else if constexpr (std::is_same_v<Case, sql::value::text>)
          return sqlite3_bind_text64(statement, at, one.value.data(), one.value.size(),
                                     SQLITE_TRANSIENT, SQLITE_UTF8);
        else if (one.value.empty())
          return sqlite3_bind_zeroblob(statement, at, 0);  // an empty vector is at NULL
        else
          return sqlite3_bind_blob64(statement, at, one.value.data(), one.value.size(),
                                     SQLITE_TRANSIENT);
      },
      value.which);
}

// Begins a run: whatever rows the last one has end.
tenon::expected<void, sql::error> begin(Program& program, std::span<const sql::value> parameters) {
  sqlite3_stmt* const statement = program.statement.get();
  sqlite3_reset(statement);  // what it returns is what the last run failed with
  ++program.run;
  const auto wanted = static_cast<std::size_t>(sqlite3_bind_parameter_count(statement));
  if (parameters.size() != wanted)
    return unexpected(make_error(error_kind::parameters,
                                 "the statement takes " + std::to_string(wanted) +
                                     " parameters, and got " + std::to_string(parameters.size())));
  for (std::size_t k = 0; k < wanted; ++k)
    if (bind(statement, static_cast<int>(k + 1), parameters[k]) != SQLITE_OK)
      return unexpected(program.database->last_error());
  return {};
}

}  // namespace

tenon::expected<std::shared_ptr<Program>, sql::error> compile(
    const std::shared_ptr<Database>& database, std::string_view text) {
  auto first = database->prepare(text, 0);
  // A comment may stand before it, and is a statement that is none.
  while (first && first->statement == nullptr && first->end < text.size())
    first = database->prepare(text, first->end);
  if (!first) return unexpected(first.error());
  if (first->statement == nullptr)
    return unexpected(make_error(error_kind::misuse, "there is no statement in the SQL"));
  std::size_t end = first->end;
  while (end < text.size()) {
    const auto next = database->prepare(text, end);
    if (!next || next->statement != nullptr) {
      sql::error made =
          make_error(error_kind::misuse,
                     "there is more after the first statement; `connection.execute` runs many");
      made.position = static_cast<std::uint32_t>(end);
      return unexpected(std::move(made));
    }
    end = next->end;
  }
  auto made = std::make_shared<Program>();
  made->database = database;
  made->statement = std::move(first->statement);
  return made;
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
  // What it changed itself, without its triggers; a statement that changes nothing leaves the
  // number of the one before it.
  const std::int64_t changed =
      sqlite3_total_changes64(handle) != before ? sqlite3_changes64(handle) : 0;
  sqlite3_reset(&statement);
  return static_cast<std::uint64_t>(changed);
}

tenon::expected<std::uint64_t, sql::error> execute(Program& program,
                                                   std::span<const sql::value> parameters) {
  if (auto begun = begin(program, parameters); !begun) return unexpected(begun.error());
  return run_to_end(*program.database, *program.statement);
}

tenon::expected<std::shared_ptr<sql::rows>, sql::error> query(
    const std::shared_ptr<Program>& program, std::span<const sql::value> parameters) {
  if (auto begun = begin(*program, parameters); !begun) return unexpected(begun.error());
  program->database->clear_refusal();
  const int code = sqlite3_step(program->statement.get());
  if (code == SQLITE_ROW) return std::make_shared<Rows>(program, Rows::First::Waits);
  if (code == SQLITE_DONE) return std::make_shared<Rows>(program, Rows::First::None);
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
  return sqlite_adapter::execute(*program_, parameters);
}

tenon::expected<std::uint64_t, sql::error> Statement::execute_many(
    std::span<const std::vector<sql::value>> rows) {
  const auto entered = program_->database->enter();
  if (!entered) return unexpected(entered.error());
  std::uint64_t changed = 0;
  for (const std::vector<sql::value>& parameters : rows) {
    // A statement of few steps does not come to a look at the deadline.
    if (tenon::current_call().should_stop())
      return unexpected(make_error(error_kind::interrupted, "the call's deadline passed"));
    const auto one = sqlite_adapter::execute(*program_, parameters);
    if (!one) return unexpected(one.error());
    changed += *one;
  }
  return changed;
}

tenon::expected<std::shared_ptr<sql::rows>, sql::error> Statement::query(
    std::span<const sql::value> parameters) {
  const auto entered = program_->database->enter();
  if (!entered) return unexpected(entered.error());
  return sqlite_adapter::query(program_, parameters);
}

}  // namespace sqlite_adapter
