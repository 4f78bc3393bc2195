#include "session.h"

#include <cstddef>
#include <type_traits>

namespace duckdb_adapter {

namespace {

using sql::error_kind;
using sql_adapter::make_error;
using tenon::unexpected;

// Planning does not check the deadline, and can take time quadratic in the text: a UNION of 20000
// parts takes minutes.
constexpr std::size_t kMaxSqlBytes = 100'000;

State bind(const Api& api, StatementRecord* statement, idx_t at, const sql::value& value) {
  return std::visit(
      [&]<class Case>(const Case& active) {
        if constexpr (std::is_same_v<Case, sql::value::null>)
          return api.bind_null(statement, at);
        else if constexpr (std::is_same_v<Case, sql::value::boolean>)
          return api.bind_boolean(statement, at, active.value);
        else if constexpr (std::is_same_v<Case, sql::value::integer>)
          return api.bind_int64(statement, at, active.value);
        else if constexpr (std::is_same_v<Case, sql::value::real>)
          return api.bind_double(statement, at, active.value);
        else if constexpr (std::is_same_v<Case, sql::value::text>)
          return api.bind_varchar_length(statement, at, active.value.data(), active.value.size());
        else
          return api.bind_blob(
              statement, at,
              active.value.empty() ? "" : static_cast<const void*>(active.value.data()),
              active.value.size());
      },
      value.which);
}

}  // namespace

tenon::expected<std::shared_ptr<Session>, sql::error> Session::open(
    std::shared_ptr<Database> database, std::shared_ptr<Watcher> watcher,
    std::unique_ptr<Place> place) {
  std::shared_ptr<Session> session(
      new Session(std::move(database), std::move(watcher), std::move(place)));
  if (session->api()->connect(session->database_->handle(), &session->handle_) != State::Success)
    return unexpected(make_error(error_kind::other, "DuckDB cannot connect to the database"));
  return session;
}

Session::~Session() {
  if (handle_ != nullptr) api()->disconnect(&handle_);
}

Session::Extracted::Extracted(Session& session, std::string text)
    : session_(session), text_(std::move(text)) {
  if (text_.size() <= kMaxSqlBytes && text_.find('\0') == std::string::npos)
    count_ = session_.api()->extract_statements(session_.handle_, text_.c_str(), &handle_);
}

Session::Extracted::~Extracted() {
  if (handle_ != nullptr) session_.api()->destroy_extracted(&handle_);
}

tenon::expected<idx_t, sql::error> Session::Extracted::count() const {
  if (text_.size() > kMaxSqlBytes)
    return unexpected(make_error(
        error_kind::limit, "the SQL is longer than " + std::to_string(kMaxSqlBytes) + " bytes"));
  if (const std::size_t zero = text_.find('\0'); zero != std::string::npos) {
    sql::error error = make_error(error_kind::sql, "there is a NUL in the SQL");
    error.position = static_cast<std::uint32_t>(zero);
    return unexpected(std::move(error));
  }
  // A count of 0 is an error only if there is a message: a text can have no statements.
  const char* const error = count_ == 0 && handle_ != nullptr
                                ? session_.api()->extract_statements_error(handle_)
                                : nullptr;
  if (error != nullptr && *error != '\0') return unexpected(read_error(error, text_));
  return count_;
}

tenon::expected<StatementHandle, sql::error> Session::Extracted::prepare(idx_t index) {
  StatementPointer statement = nullptr;
  const Watcher::Watch watch(*session_.watcher_, session_.handle_);
  const State state =
      session_.api()->prepare_extracted_statement(session_.handle_, handle_, index, &statement);
  StatementHandle handle(statement, DestroyStatement{session_.api()});
  if (state == State::Success) return handle;
  return unexpected(
      read_error(statement == nullptr ? nullptr : session_.api()->prepare_error(statement), text_));
}

tenon::expected<std::unique_ptr<Result>, sql::error> Session::run(
    StatementRecord& statement, std::span<const sql::value> parameters) {
  const Api& all = *api();
  const idx_t count = all.nparams(&statement);
  if (parameters.size() != count)
    return unexpected(make_error(error_kind::parameters,
                                 "the statement takes " + std::to_string(count) +
                                     " parameters, got " + std::to_string(parameters.size())));
  for (std::size_t k = 0; k < parameters.size(); ++k)
    if (bind(all, &statement, k + 1, parameters[k]) != State::Success)
      return unexpected(make_error(error_kind::parameters,
                                   "parameter " + std::to_string(k + 1) + " cannot be bound"));
  auto result = std::make_unique<Result>(api());
  const Watcher::Watch watch(*watcher_, handle_);
  if (all.execute_prepared(&statement, &result->record()) == State::Success) return result;
  return unexpected(read_error(all.result_error(&result->record()),
                               all.result_error_type(&result->record()), {}));
}

}  // namespace duckdb_adapter
