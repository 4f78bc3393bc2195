#include "column_builder.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "utf8.h"
#include "validity.h"

namespace sqlite_adapter {

namespace {

using sql::error_kind;
using sql_adapter::make_error;
using tenon::unexpected;

// A chunk is full long before 4 GiB, which `ends` can say.
void add_end(auto& parts) { parts.ends.push_back(static_cast<std::uint32_t>(parts.data.size())); }

// Gives out parts of what stands one after the other.
template <class Data>
class PartReader final {
 public:
  PartReader(const Data& data, const std::vector<std::uint32_t>& ends) : data_(data), ends_(ends) {}

  [[nodiscard]] Data next() {
    const auto begin = data_.begin() + static_cast<std::ptrdiff_t>(begin_);
    begin_ = ends_[row_++];
    return Data(begin, data_.begin() + static_cast<std::ptrdiff_t>(begin_));
  }

 private:
  const Data& data_;
  const std::vector<std::uint32_t>& ends_;
  std::size_t row_ = 0;
  std::size_t begin_ = 0;
};

// `values` of the rows that `is_valid` has, with `empty` between them for those that are null.
template <class T>
std::vector<T> spread(std::vector<T> values, std::size_t rows,
                      const sql_adapter::Validity& validity, auto empty) {
  if (values.size() == rows) return values;
  std::vector<T> made;
  made.reserve(rows);
  std::size_t next = 0;
  for (std::size_t row = 0; row < rows; ++row)
    made.push_back(validity.is_valid(row) ? values[next++] : empty(made));
  return made;
}

template <class T>
std::vector<T> spread_numbers(std::vector<T> values, std::size_t rows,
                              const sql_adapter::Validity& validity) {
  return spread(std::move(values), rows, validity, [](const auto& /*made*/) { return T{}; });
}

// A part that is empty ends where the one before it does.
std::vector<std::uint32_t> spread_ends(std::vector<std::uint32_t> ends, std::size_t rows,
                                       const sql_adapter::Validity& validity) {
  return spread(std::move(ends), rows, validity,
                [](const auto& made) { return made.empty() ? 0 : made.back(); });
}

}  // namespace

ColumnBuilder::Kind ColumnBuilder::kind_of(int type) {
  switch (type) {
    case SQLITE_INTEGER:
      return Kind::Integer;
    case SQLITE_FLOAT:
      return Kind::Real;
    case SQLITE_TEXT:
      return Kind::Text;
    case SQLITE_BLOB:
      return Kind::Blob;
    default:
      return Kind::Null;
  }
}

tenon::expected<std::size_t, sql::error> ColumnBuilder::add(sqlite3_stmt& statement, int column) {
  const Kind wanted = kind_of(sqlite3_column_type(&statement, column));
  if (wanted == Kind::Null) {
    kinds_.push_back(wanted);
    return sizeof(double);
  }
  // Its address first: it may bring the bytes to another form, and then there are as many.
  const void* bytes = nullptr;
  std::size_t size = 0;
  if (wanted == Kind::Text || wanted == Kind::Blob) {
    bytes = wanted == Kind::Text ? sqlite3_column_text(&statement, column)
                                 : sqlite3_column_blob(&statement, column);
    size = static_cast<std::size_t>(sqlite3_column_bytes(&statement, column));
    if (bytes == nullptr && (size > 0 || wanted == Kind::Text))
      return unexpected(make_error(error_kind::limit, "takes more memory than there is"));
  }
  const std::string_view text(static_cast<const char*>(bytes), size);
  if (wanted == Kind::Text && bundle_text::find_bad_utf8(text) != size)
    return unexpected(
        make_error(error_kind::unsupported,
                   "has a text that is not UTF-8; `CAST(.. AS BLOB)` gives its bytes"));

  kinds_.push_back(wanted);
  if (wanted == Kind::Integer) integers_.push_back(sqlite3_column_int64(&statement, column));
  if (wanted == Kind::Real) reals_.push_back(sqlite3_column_double(&statement, column));
  if (wanted == Kind::Text) {
    texts_.data += text;
    add_end(texts_);
  }
  if (wanted == Kind::Blob) {
    const auto* const first = static_cast<const std::uint8_t*>(bytes);
    blobs_.data.insert(blobs_.data.end(), first, first + size);
    add_end(blobs_);
  }
  return sizeof(double) + size;
}

bool ColumnBuilder::is_mixed() const {
  const int types = (integers_.empty() ? 0 : 1) + (reals_.empty() ? 0 : 1) +
                    (texts_.ends.empty() ? 0 : 1) + (blobs_.ends.empty() ? 0 : 1);
  return types > 1;
}

std::vector<sql::value> ColumnBuilder::take_mixed() {
  std::vector<sql::value> made;
  made.reserve(kinds_.size());
  auto integer = integers_.begin();
  auto real = reals_.begin();
  PartReader text(texts_.data, texts_.ends);
  PartReader blob(blobs_.data, blobs_.ends);
  for (const Kind kind : kinds_) switch (kind) {
      case Kind::Null:
        made.emplace_back(sql::value::null{});
        break;
      case Kind::Integer:
        made.emplace_back(sql::value::integer{*integer++});
        break;
      case Kind::Real:
        made.emplace_back(sql::value::real{*real++});
        break;
      case Kind::Text:
        made.emplace_back(sql::value::text{text.next()});
        break;
      case Kind::Blob:
        made.emplace_back(sql::value::blob{blob.next()});
        break;
    }
  return made;
}

sql::cells ColumnBuilder::take() && {
  sql::cells made;
  if (is_mixed()) {
    made.values = sql::vector::mixed{take_mixed()};
    return made;
  }
  sql_adapter::Validity validity;
  for (const Kind kind : kinds_) validity.add(kind != Kind::Null);
  const std::size_t rows = kinds_.size();
  if (!integers_.empty()) {
    made.values = sql::vector::integers{spread_numbers(std::move(integers_), rows, validity)};
  } else if (!reals_.empty()) {
    made.values = sql::vector::reals{spread_numbers(std::move(reals_), rows, validity)};
  } else if (!texts_.ends.empty()) {
    texts_.ends = spread_ends(std::move(texts_.ends), rows, validity);
    made.values = sql::vector::texts{std::move(texts_)};
  } else if (!blobs_.ends.empty()) {
    blobs_.ends = spread_ends(std::move(blobs_.ends), rows, validity);
    made.values = sql::vector::blobs{std::move(blobs_)};
  } else {
    made.values = sql::vector::nulls{};
    return made;
  }
  made.validity = std::move(validity).take();
  return made;
}

}  // namespace sqlite_adapter
