#include "connection.h"

#include "statement.h"

namespace sqlite_adapter {

using tenon::unexpected;

tenon::expected<std::uint64_t, sql::error> Connection::execute(std::string_view text) {
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
          "a statement of `execute` has parameters; `query` and `prepare` take values for them"));
    const auto one = run_to_end(*database_, *prepared->statement);
    if (!one) return unexpected(one.error());
    changed += *one;
  }
  return changed;
}

tenon::expected<std::shared_ptr<sql::rows>, sql::error> Connection::query(
    std::string_view text, std::span<const sql::value> parameters) {
  const auto entered = database_->enter();
  if (!entered) return unexpected(entered.error());
  const auto program = compile(database_, text);
  if (!program) return unexpected(program.error());
  return sqlite_adapter::query(*program, parameters);
}

tenon::expected<std::shared_ptr<sql::statement>, sql::error> Connection::prepare(
    std::string_view text) {
  const auto entered = database_->enter();
  if (!entered) return unexpected(entered.error());
  const auto program = compile(database_, text);
  if (!program) return unexpected(program.error());
  return std::make_shared<Statement>(*program);
}

}  // namespace sqlite_adapter
