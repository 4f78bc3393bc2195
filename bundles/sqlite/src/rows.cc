#include "rows.h"

#include <utility>

#include "column_builder.h"
#include "utf8.h"

namespace sqlite_adapter {

namespace {

using bundle_text::make_utf8;
using sql::error_kind;
using sql_adapter::make_error;
using tenon::unexpected;

// A chunk is full when it has that many rows, or values of that many bytes.
constexpr std::uint32_t kChunkRows = 2048;
constexpr std::size_t kChunkBytes = std::size_t{1} << 20U;

// Values of the greatest size that one row may have.
constexpr std::size_t kGreatValues = 4;

std::string text_of(const char* text) { return text == nullptr ? "" : make_utf8(text); }

}  // namespace

Rows::Rows(std::shared_ptr<Program> program, First first)
    : program_(std::move(program)), run_(program_->run), has_row_(first == First::Waits) {
  sqlite3_stmt* const statement = program_->statement.get();
  // A statement may be compiled again at its first step, so that this is known after it.
  const int count = sqlite3_column_count(statement);
  for (int k = 0; k < count; ++k) {
    sql::column made;
    made.name = text_of(sqlite3_column_name(statement, k));
    made.declared = text_of(sqlite3_column_decltype(statement, k));
    columns_.push_back(std::move(made));
  }
  if (!has_row_) sqlite3_reset(statement);
}

Rows::~Rows() {
  // Outside of a call nobody asks to stop: this waits for the call that has the connection.
  const auto entered = program_->database->enter();
  if (program_->run == run_) sqlite3_reset(program_->statement.get());
}

tenon::expected<std::optional<sql::chunk>, sql::error> Rows::next() {
  const auto entered = program_->database->enter();
  if (!entered) return unexpected(entered.error());
  if (failed_) return unexpected(*failed_);
  if (program_->run != run_)
    return fail(
        make_error(error_kind::misuse, "the statement was run again, which ended its rows"));
  if (!has_row_) return std::nullopt;
  return read_chunk();
}

tenon::unexpected<sql::error> Rows::fail(sql::error why) {
  failed_ = std::move(why);
  has_row_ = false;
  if (program_->run == run_) sqlite3_reset(program_->statement.get());
  return unexpected(*failed_);
}

tenon::expected<std::optional<sql::chunk>, sql::error> Rows::read_chunk() {
  sqlite3_stmt* const statement = program_->statement.get();
  std::vector<ColumnBuilder> builders(columns_.size());
  const int max_value = sqlite3_limit(&program_->database->handle(), SQLITE_LIMIT_LENGTH, -1);
  const std::size_t most = kChunkBytes + kGreatValues * static_cast<std::size_t>(max_value);
  std::uint32_t count = 0;
  std::size_t bytes = 0;
  while (has_row_ && count < kChunkRows && bytes < kChunkBytes) {
    for (std::size_t k = 0; k < builders.size(); ++k) {
      const auto added = builders[k].add(*statement, static_cast<int>(k));
      if (!added) {
        sql::error why = added.error();
        why.message = "column `" + columns_[k].name + "` " + why.message;
        return fail(std::move(why));
      }
      bytes += *added;
      if (bytes > most)
        return fail(make_error(error_kind::limit,
                               "a row is larger than four times "
                               "`max-value-bytes`"));
    }
    ++count;
    const int code = sqlite3_step(statement);
    if (code != SQLITE_ROW && code != SQLITE_DONE) return fail(program_->database->last_error());
    has_row_ = code == SQLITE_ROW;
  }
  if (!has_row_) sqlite3_reset(statement);
  sql::chunk made;
  made.rows = count;
  for (ColumnBuilder& builder : builders) made.columns.push_back(std::move(builder).take());
  return made;
}

}  // namespace sqlite_adapter
