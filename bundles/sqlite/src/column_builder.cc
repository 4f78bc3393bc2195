#include "column_builder.h"

#include <optional>
#include <string_view>
#include <utility>

#include "utf8.h"

// In SQLite a column has no type; each value has. A vector of the WIT has one. So values are first
// collected in one list a type, and `kinds_` records the type of each row. When the chunk is
// complete and all values are of one type, their list is the vector, with gaps filled in where rows
// are null. Otherwise the values are put back into the order of rows, as a vector of `mixed`.

namespace sqlite_adapter {

namespace {

using sql::error_kind;
using sql_adapter::make_error;
using tenon::unexpected;

// Builds the bitmap `cells.validity`: bit i is set if row i is not null. Most columns have no
// nulls, so the bitmap is created at the first one.
class Validity final {
 public:
  void add(bool is_valid) {
    if (!is_valid && bits_.empty()) bits_.assign(rows_ / 8 + 1, 0xFF);
    if (!bits_.empty()) {
      if (rows_ / 8 == bits_.size()) bits_.push_back(0xFF);
      if (!is_valid) bits_[rows_ / 8] &= static_cast<std::uint8_t>(~(1U << rows_ % 8));
    }
    ++rows_;
  }

  [[nodiscard]] bool is_valid(std::size_t row) const {
    return bits_.empty() || (bits_[row / 8] >> row % 8 & 1U) != 0;
  }

  // Absent if no row is null. Bits after the last row are 0.
  [[nodiscard]] std::optional<std::vector<std::uint8_t>> take() && {
    if (bits_.empty()) return std::nullopt;
    bits_.resize((rows_ + 7) / 8, 0xFF);
    if (rows_ % 8 != 0) bits_.back() &= static_cast<std::uint8_t>((1U << rows_ % 8) - 1);
    return std::move(bits_);
  }

 private:
  std::size_t rows_ = 0;
  std::vector<std::uint8_t> bits_;
};

// A chunk is full long before its bytes exceed 32 bits.
void add_end(auto& parts) { parts.ends.push_back(static_cast<std::uint32_t>(parts.data.size())); }

// Reads the parts of concatenated texts or blobs, one after the other.
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

// One value a row: the next of `values` if the row is valid, otherwise what `fill` returns.
template <class T>
std::vector<T> spread(std::vector<T> values, std::size_t rows, const Validity& validity,
                      auto fill) {
  if (values.size() == rows) return values;
  std::vector<T> result;
  result.reserve(rows);
  std::size_t next = 0;
  for (std::size_t row = 0; row < rows; ++row)
    result.push_back(validity.is_valid(row) ? values[next++] : fill(result));
  return result;
}

template <class T>
std::vector<T> spread_numbers(std::vector<T> values, std::size_t rows, const Validity& validity) {
  return spread(std::move(values), rows, validity, [](const auto& /*before*/) { return T{}; });
}

// The part of a null row is empty: it ends where the part before it ends.
std::vector<std::uint32_t> spread_ends(std::vector<std::uint32_t> ends, std::size_t rows,
                                       const Validity& validity) {
  return spread(std::move(ends), rows, validity,
                [](const auto& before) { return before.empty() ? 0 : before.back(); });
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
  const Kind kind = kind_of(sqlite3_column_type(&statement, column));
  if (kind == Kind::Null) {
    kinds_.push_back(kind);
    return sizeof(double);
  }
  // Ask for the address before the size: it can convert the text to UTF-8, which changes the size.
  const void* bytes = nullptr;
  std::size_t size = 0;
  if (kind == Kind::Text || kind == Kind::Blob) {
    bytes = kind == Kind::Text ? sqlite3_column_text(&statement, column)
                               : sqlite3_column_blob(&statement, column);
    size = static_cast<std::size_t>(sqlite3_column_bytes(&statement, column));
    if (bytes == nullptr && (size > 0 || kind == Kind::Text))
      return unexpected(make_error(error_kind::limit, "does not fit into memory"));
  }
  const std::string_view text(static_cast<const char*>(bytes), size);
  if (kind == Kind::Text && bundle_text::find_bad_utf8(text) != size)
    return unexpected(
        make_error(error_kind::unsupported,
                   "has a text that is not UTF-8; `CAST(.. AS BLOB)` gives its bytes"));

  kinds_.push_back(kind);
  if (kind == Kind::Integer) integers_.push_back(sqlite3_column_int64(&statement, column));
  if (kind == Kind::Real) reals_.push_back(sqlite3_column_double(&statement, column));
  if (kind == Kind::Text) {
    texts_.data += text;
    add_end(texts_);
  }
  if (kind == Kind::Blob) {
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
  std::vector<sql::value> values;
  values.reserve(kinds_.size());
  auto integer = integers_.begin();
  auto real = reals_.begin();
  PartReader text(texts_.data, texts_.ends);
  PartReader blob(blobs_.data, blobs_.ends);
  for (const Kind kind : kinds_) switch (kind) {
      case Kind::Null:
        values.emplace_back(sql::value::null{});
        break;
      case Kind::Integer:
        values.emplace_back(sql::value::integer{*integer++});
        break;
      case Kind::Real:
        values.emplace_back(sql::value::real{*real++});
        break;
      case Kind::Text:
        values.emplace_back(sql::value::text{text.next()});
        break;
      case Kind::Blob:
        values.emplace_back(sql::value::blob{blob.next()});
        break;
    }
  return values;
}

sql::cells ColumnBuilder::take() && {
  sql::cells cells;
  if (is_mixed()) {
    cells.values = sql::vector::mixed{take_mixed()};
    return cells;
  }
  Validity validity;
  for (const Kind kind : kinds_) validity.add(kind != Kind::Null);
  const std::size_t rows = kinds_.size();
  if (!integers_.empty()) {
    cells.values = sql::vector::integers{spread_numbers(std::move(integers_), rows, validity)};
  } else if (!reals_.empty()) {
    cells.values = sql::vector::reals{spread_numbers(std::move(reals_), rows, validity)};
  } else if (!texts_.ends.empty()) {
    texts_.ends = spread_ends(std::move(texts_.ends), rows, validity);
    cells.values = sql::vector::texts{std::move(texts_)};
  } else if (!blobs_.ends.empty()) {
    blobs_.ends = spread_ends(std::move(blobs_.ends), rows, validity);
    cells.values = sql::vector::blobs{std::move(blobs_)};
  } else {
    cells.values = sql::vector::nulls{};
    return cells;
  }
  cells.validity = std::move(validity).take();
  return cells;
}

}  // namespace sqlite_adapter
