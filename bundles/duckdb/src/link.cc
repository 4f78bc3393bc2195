#include "link.h"

#include <type_traits>
#include <utility>

#include "duckdb_error.h"

namespace duckdb_adapter {

namespace {

using sql::error_kind;
using sql_adapter::make_error;
using tenon::unexpected;

// Planning looks at no deadline, and takes the square of some texts: a UNION of 20000 takes
// minutes.
constexpr std::size_t kMaxSqlBytes = 100'000;

State bind(const Api& api, StatementRecord* statement, idx_t at, const sql::value& value) {
  return std::visit(
      [&]<class Case>(const Case& one) {
        if constexpr (std::is_same_v<Case, sql::value::null>)
          return api.bind_null(statement, at);
        else if constexpr (std::is_same_v<Case, sql::value::boolean>)
          return api.bind_boolean(statement, at, one.value);
        else if constexpr (std::is_same_v<Case, sql::value::integer>)
          return api.bind_int64(statement, at, one.value);
        else if constexpr (std::is_same_v<Case, sql::value::real>)
          return api.bind_double(statement, at, one.value);
        else if constexpr (std::is_same_v<Case, sql::value::text>)
          return api.bind_varchar_length(statement, at, one.value.data(), one.value.size());
        else
          return api.bind_blob(statement, at,
                               one.value.empty() ? "" : static_cast<const void*>(one.value.data()),
                               one.value.size());
      },
      value.which);
}

}  // namespace

tenon::expected<std::shared_ptr<Link>, sql::error> Link::open(std::shared_ptr<Database> database,
                                                              std::shared_ptr<Watcher> watcher,
                                                              std::unique_ptr<Place> place) {
  std::shared_ptr<Link> made(new Link(std::move(database), std::move(watcher), std::move(place)));
  if (made->api()->connect(made->database_->handle(), &made->handle_) != State::Success)
    return unexpected(make_error(error_kind::other, "DuckDB does not connect"));
  return made;
}

Link::~Link() {
  if (handle_ != nullptr) api()->disconnect(&handle_);
}

Link::Extracted::Extracted(Link& link, std::string text) : link_(link), text_(std::move(text)) {
  if (text_.size() <= kMaxSqlBytes && text_.find('\0') == std::string::npos)
    count_ = link_.api()->extract_statements(link_.handle_, text_.c_str(), &handle_);
}

Link::Extracted::~Extracted() {
  if (handle_ != nullptr) link_.api()->destroy_extracted(&handle_);
}

tenon::expected<idx_t, sql::error> Link::Extracted::count() const {
  if (text_.size() > kMaxSqlBytes)
    return unexpected(
        make_error(error_kind::limit, "SQL is at most " + std::to_string(kMaxSqlBytes) + " bytes"));
  if (const std::size_t zero = text_.find('\0'); zero != std::string::npos) {
    sql::error made = make_error(error_kind::sql, "there is a NUL in the SQL");
    made.position = static_cast<std::uint32_t>(zero);
    return unexpected(std::move(made));
  }
  // A text without statements has none, and no error.
  const char* const error =
      count_ == 0 && handle_ != nullptr ? link_.api()->extract_statements_error(handle_) : nullptr;
  if (error != nullptr && *error != '\0') return unexpected(read_error(error, text_));
  return count_;
}

tenon::expected<StatementHandle, sql::error> Link::Extracted::prepare(idx_t index) {
  StatementPointer made = nullptr;
  const Watcher::Watch watch(*link_.watcher_, link_.handle_);
  const State state =
      link_.api()->prepare_extracted_statement(link_.handle_, handle_, index, &made);
  StatementHandle handle(made, DestroyStatement{link_.api()});
  if (state == State::Success) return handle;
  return unexpected(
      read_error(made == nullptr ? nullptr : link_.api()->prepare_error(made), text_));
}

tenon::expected<std::unique_ptr<Result>, sql::error> Link::run(
    StatementRecord& statement, std::span<const sql::value> parameters) {
  const Api& all = *api();
  const idx_t wanted = all.nparams(&statement);
  if (parameters.size() != wanted)
    return unexpected(make_error(error_kind::parameters,
                                 "the statement takes " + std::to_string(wanted) +
                                     " parameters, and got " + std::to_string(parameters.size())));
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
