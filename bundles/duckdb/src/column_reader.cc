#include "column_reader.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdio>
#include <cstring>
#include <limits>
#include <optional>
#include <string_view>
#include <type_traits>
#include <utility>

#include "utf8.h"

namespace duckdb_adapter {

namespace {

static_assert(std::endian::native == std::endian::little, "validity is read byte by byte");

// The names of types in CREATE TABLE, in the order of `Type`.
constexpr auto kTypeNames = std::to_array<std::string_view>({"INVALID",
                                                             "BOOLEAN",
                                                             "TINYINT",
                                                             "SMALLINT",
                                                             "INTEGER",
                                                             "BIGINT",
                                                             "UTINYINT",
                                                             "USMALLINT",
                                                             "UINTEGER",
                                                             "UBIGINT",
                                                             "FLOAT",
                                                             "DOUBLE",
                                                             "TIMESTAMP",
                                                             "DATE",
                                                             "TIME",
                                                             "INTERVAL",
                                                             "HUGEINT",
                                                             "VARCHAR",
                                                             "BLOB",
                                                             "DECIMAL",
                                                             "TIMESTAMP_S",
                                                             "TIMESTAMP_MS",
                                                             "TIMESTAMP_NS",
                                                             "ENUM",
                                                             "LIST",
                                                             "STRUCT",
                                                             "MAP",
                                                             "UUID",
                                                             "UNION",
                                                             "BIT",
                                                             "TIME WITH TIME ZONE",
                                                             "TIMESTAMP WITH TIME ZONE",
                                                             "UHUGEINT",
                                                             "ARRAY"});

}  // namespace

// One vector of a chunk: an array of values, and a bitmap of the rows that are not null.
struct ColumnReader::Source {
  const void* data;
  const std::uint64_t* validity;  // null if no row is null
  std::size_t rows;

  template <class T>
  [[nodiscard]] const T* as() const {
    return static_cast<const T*>(data);
  }
  [[nodiscard]] bool is_valid(std::size_t row) const {
    return validity == nullptr || (validity[row / 64] >> row % 64 & 1U) != 0;
  }
};

namespace {

// Absent if no row is null. `source.validity` is then null, too, so that reading values is fast.
std::optional<std::vector<std::uint8_t>> read_validity(auto& source) {
  if (source.validity == nullptr) return std::nullopt;
  std::vector<std::uint8_t> bits((source.rows + 7) / 8);
  std::memcpy(bits.data(), source.validity, bits.size());
  if (source.rows % 8 != 0)
    bits[source.rows / 8] &= static_cast<std::uint8_t>((1U << source.rows % 8) - 1);
  std::size_t valid = 0;
  for (const std::uint8_t byte : bits) valid += static_cast<std::size_t>(std::popcount(byte));
  if (valid != source.rows) return bits;
  source.validity = nullptr;
  return std::nullopt;
}

// Null rows become 0: what DuckDB has in their place is uninitialized memory, which a guest must
// not see.
template <class To, class From>
std::vector<To> read_numbers(const auto& source, auto convert) {
  const From* const from = source.template as<From>();
  std::vector<To> values(source.rows);
  if (source.validity == nullptr) {
    std::transform(from, from + source.rows, values.begin(), convert);
    return values;
  }
  for (std::size_t row = 0; row < source.rows; ++row)
    if (source.is_valid(row)) values[row] = convert(from[row]);
  return values;
}

template <class To, class From = To>
std::vector<To> read_numbers(const auto& source) {
  return read_numbers<To, From>(source, [](From value) { return static_cast<To>(value); });
}

void add_end(auto& parts) { parts.ends.push_back(static_cast<std::uint32_t>(parts.data.size())); }

// Texts or blobs, concatenated, with the end of each. Null rows are empty.
template <class Parts>
Parts read_parts(const auto& source) {
  const auto* const from = source.template as<StringRecord>();
  Parts parts;
  parts.ends.reserve(source.rows);
  std::size_t size = 0;
  for (std::size_t row = 0; row < source.rows; ++row) {
    if (source.is_valid(row)) size += from[row].length;
    // A sum of more than 32 bits would not fit into the memory of a guest either.
    parts.ends.push_back(static_cast<std::uint32_t>(size));
  }
  parts.data.resize(size);
  auto* to = parts.data.data();
  for (std::size_t row = 0; row < source.rows; ++row) {
    if (!source.is_valid(row) || from[row].length == 0) continue;
    std::memcpy(to, from[row].data(), from[row].length);
    to += from[row].length;
  }
  return parts;
}

// Each value as text.
sql::texts print_rows(const auto& source, auto print) {
  sql::texts texts;
  for (std::size_t row = 0; row < source.rows; ++row) {
    if (source.is_valid(row)) texts.data += print(row);
    add_end(texts);
  }
  return texts;
}

enum class Sign { Plus, Minus };

// upper * 2^64 + lower in decimal, with a point before the last `scale` digits: 1230 with scale 2
// is "12.30".
std::string print_scaled(std::uint64_t upper, std::uint64_t lower, Sign sign, unsigned scale) {
  std::string digits;  // the last digit first
  auto rest = static_cast<unsigned __int128>(upper) << 64U | lower;
  // At least one digit is before the point.
  while (rest != 0 || digits.size() <= scale) {
    digits += static_cast<char>('0' + static_cast<int>(rest % 10));
    rest /= 10;
  }
  if (scale != 0) digits.insert(scale, 1, '.');
  if (sign == Sign::Minus) digits += '-';
  std::ranges::reverse(digits);
  return digits;
}

// "00000000-0000-0000-0000-000000000000". DuckDB stores it with the first bit inverted, so that
// signed comparison sorts it.
std::string print_uuid(std::uint64_t upper, std::uint64_t lower) {
  upper ^= std::uint64_t{1} << 63U;
  std::array<char, 37> text = {};
  std::snprintf(text.data(), text.size(), "%08x-%04x-%04x-%04x-%012llx",
                static_cast<unsigned>(upper >> 32U), static_cast<unsigned>(upper >> 16U & 0xFFFFU),
                static_cast<unsigned>(upper & 0xFFFFU), static_cast<unsigned>(lower >> 48U),
                static_cast<unsigned long long>(lower & 0xFFFFFFFFFFFFU));
  return text.data();
}

struct UHugeRecord {
  std::uint64_t lower;
  std::uint64_t upper;
};
std::string print_huge(const UHugeRecord& value, unsigned scale) {
  return print_scaled(value.upper, value.lower, Sign::Plus, scale);
}
std::string print_huge(const HugeRecord& value, unsigned scale) {
  auto upper = static_cast<std::uint64_t>(value.upper);
  std::uint64_t lower = value.lower;
  const bool is_negative = value.upper < 0;
  if (is_negative) {
    lower = ~lower + 1;
    upper = ~upper + (lower == 0 ? 1 : 0);
  }
  return print_scaled(upper, lower, is_negative ? Sign::Minus : Sign::Plus, scale);
}

// Whether the value is in the range of s64.
bool is_small(const HugeRecord& value) {
  return value.upper == (static_cast<std::int64_t>(value.lower) < 0 ? -1 : 0);
}
bool is_small(const UHugeRecord& value) {
  return value.upper == 0 && static_cast<std::int64_t>(value.lower) >= 0;
}

// Integers if all of them are in the range of s64, otherwise decimal texts.
template <class Huge>
sql::vector read_huge(const auto& source) {
  std::vector<std::int64_t> small(source.rows);
  const auto* const from = source.template as<Huge>();
  for (std::size_t row = 0; row < source.rows; ++row) {
    if (!source.is_valid(row)) continue;
    const auto value = static_cast<std::int64_t>(from[row].lower);
    if (!is_small(from[row]))
      return sql::vector::texts{
          print_rows(source, [&](std::size_t each) { return print_huge(from[each], 0); })};
    small[row] = value;
  }
  return sql::vector::integers{std::move(small)};
}

template <class T>
std::string print_decimal(T value, unsigned scale) {
  return print_huge(HugeRecord{static_cast<std::uint64_t>(std::int64_t{value}), value < 0 ? -1 : 0},
                    scale);
}

// Times as microseconds. `infinity` and `-infinity` are the largest number and its negative, in
// DuckDB and in the WIT; a product that is out of range becomes one of them.
std::vector<std::int64_t> read_times(const auto& source, std::int64_t micros) {
  constexpr std::int64_t kInfinite = std::numeric_limits<std::int64_t>::max();
  return read_numbers<std::int64_t, std::int64_t>(source, [micros](std::int64_t time) {
    std::int64_t product = 0;
    if (time == kInfinite || time == -kInfinite) return time;
    return __builtin_mul_overflow(time, micros, &product) ? (time < 0 ? -kInfinite : kInfinite)
                                                          : product;
  });
}

// Rounds towards the past, also before 1970.
std::int64_t micros_of_nanos(std::int64_t nanos) {
  constexpr std::int64_t kInfinite = std::numeric_limits<std::int64_t>::max();
  if (nanos == kInfinite || nanos == -kInfinite) return nanos;
  return nanos / 1000 - (nanos % 1000 < 0 ? 1 : 0);
}

}  // namespace

ColumnReader::ColumnReader(const Api& api, ResultRecord& result, idx_t at) {
  const char* const name = api.column_name(&result, at);
  column_.name = name == nullptr ? "" : bundle_text::make_utf8(name);
  TypePointer type = api.column_logical_type(&result, at);
  if (type == nullptr) return;
  type_ = api.get_type_id(type);
  const auto known = static_cast<std::size_t>(type_);
  column_.declared = known < kTypeNames.size() ? kTypeNames[known] : "an unknown type";
  if (type_ == Type::Decimal) {
    stored_ = api.decimal_internal_type(type);
    scale_ = api.decimal_scale(type);
    column_.declared.append("(").append(std::to_string(api.decimal_width(type)));
    column_.declared.append(",").append(std::to_string(scale_)).append(")");
  }
  if (type_ == Type::Enum) {
    stored_ = api.enum_internal_type(type);
    for (idx_t k = 0; k < api.enum_dictionary_size(type); ++k) {
      char* const label = api.enum_dictionary_value(type, k);
      labels_.emplace_back(label == nullptr ? "" : bundle_text::make_utf8(label));
      api.free(label);
    }
  }
  api.destroy_logical_type(&type);
}

tenon::expected<void, sql::error> ColumnReader::check_type() const {
  switch (type_) {
    case Type::Boolean:
    case Type::TinyInt:
    case Type::SmallInt:
    case Type::Integer:
    case Type::BigInt:
    case Type::UTinyInt:
    case Type::USmallInt:
    case Type::UInteger:
    case Type::UBigInt:
    case Type::Float:
    case Type::Double:
    case Type::Timestamp:
    case Type::Date:
    case Type::Time:
    case Type::HugeInt:
    case Type::Varchar:
    case Type::Blob:
    case Type::Decimal:
    case Type::TimestampS:
    case Type::TimestampMs:
    case Type::TimestampNs:
    case Type::Enum:
    case Type::Uuid:
    case Type::TimestampTz:
    case Type::UHugeInt:
      return {};
    case Type::Invalid:
    case Type::Interval:
    case Type::List:
    case Type::Struct:
    case Type::Map:
    case Type::Union:
    case Type::Bit:
    case Type::TimeTz:
    case Type::Array:
      break;
  }
  // Also a type of a newer DuckDB, which no case lists.
  return tenon::unexpected(sql_adapter::make_error(
      sql::error_kind::unsupported,
      "column `" + column_.name + "` is of type " + column_.declared +
          ", which cannot be passed to a component; `CAST(.. AS VARCHAR)` gives its text"));
}

sql::vector ColumnReader::read_decimals(const Source& source) const {
  const auto print = [&]<class T>(std::type_identity<T>) {
    return print_rows(source, [&](std::size_t row) {
      if constexpr (std::is_same_v<T, HugeRecord>)
        return print_huge(source.as<T>()[row], scale_);
      else
        return print_decimal(source.as<T>()[row], scale_);
    });
  };
  if (stored_ == Type::SmallInt)
    return sql::vector::texts{print(std::type_identity<std::int16_t>())};
  if (stored_ == Type::Integer)
    return sql::vector::texts{print(std::type_identity<std::int32_t>())};
  if (stored_ == Type::BigInt) return sql::vector::texts{print(std::type_identity<std::int64_t>())};
  return sql::vector::texts{print(std::type_identity<HugeRecord>())};
}

sql::vector ColumnReader::read_labels(const Source& source) const {
  return sql::vector::texts{print_rows(source, [&](std::size_t row) -> std::string_view {
    const std::size_t label = stored_ == Type::UTinyInt    ? source.as<std::uint8_t>()[row]
                              : stored_ == Type::USmallInt ? source.as<std::uint16_t>()[row]
                                                           : source.as<std::uint32_t>()[row];
    return label < labels_.size() ? std::string_view(labels_[label]) : std::string_view();
  })};
}

sql::vector ColumnReader::read_vector(const Source& source) const {
  using Vector = sql::vector;
  switch (type_) {
    case Type::Boolean: {
      const std::vector<std::uint8_t> bytes = read_numbers<std::uint8_t>(source);
      return Vector::booleans{std::vector<bool>(bytes.begin(), bytes.end())};
    }
    case Type::TinyInt:
      return Vector::integers{read_numbers<std::int64_t, std::int8_t>(source)};
    case Type::SmallInt:
      return Vector::integers{read_numbers<std::int64_t, std::int16_t>(source)};
    case Type::Integer:
      return Vector::integers{read_numbers<std::int64_t, std::int32_t>(source)};
    case Type::BigInt:
      return Vector::integers{read_numbers<std::int64_t>(source)};
    case Type::UTinyInt:
      return Vector::integers{read_numbers<std::int64_t, std::uint8_t>(source)};
    case Type::USmallInt:
      return Vector::integers{read_numbers<std::int64_t, std::uint16_t>(source)};
    case Type::UInteger:
      return Vector::integers{read_numbers<std::int64_t, std::uint32_t>(source)};
    case Type::UBigInt:
      return Vector::unsigned_{read_numbers<std::uint64_t>(source)};
    case Type::Float:
      return Vector::reals{read_numbers<double, float>(source)};
    case Type::Double:
      return Vector::reals{read_numbers<double>(source)};
    case Type::Date:
      return Vector::dates{read_numbers<std::int32_t>(source)};
    case Type::Time:
      return Vector::times{read_numbers<std::int64_t>(source)};
    case Type::Timestamp:
    case Type::TimestampTz:
      return Vector::timestamps{read_times(source, 1)};
    case Type::TimestampMs:
      return Vector::timestamps{read_times(source, 1000)};
    case Type::TimestampS:
      return Vector::timestamps{read_times(source, 1'000'000)};
    case Type::TimestampNs:
      return Vector::timestamps{read_numbers<std::int64_t, std::int64_t>(source, micros_of_nanos)};
    case Type::HugeInt:
      return read_huge<HugeRecord>(source);
    case Type::UHugeInt:
      return read_huge<UHugeRecord>(source);
    case Type::Varchar:
      return Vector::texts{read_parts<sql::texts>(source)};
    case Type::Blob:
      return Vector::blobs{read_parts<sql::blobs>(source)};
    case Type::Decimal:
      return read_decimals(source);
    case Type::Enum:
      return read_labels(source);
    case Type::Uuid:
      return Vector::texts{print_rows(source, [&](std::size_t row) {
        const HugeRecord& uuid = source.as<HugeRecord>()[row];
        return print_uuid(static_cast<std::uint64_t>(uuid.upper), uuid.lower);
      })};
    case Type::Invalid:
    case Type::Interval:
    case Type::List:
    case Type::Struct:
    case Type::Map:
    case Type::Union:
    case Type::Bit:
    case Type::TimeTz:
    case Type::Array:
      break;  // check_type rejects them
  }
  return Vector::nulls{};
}

sql::cells ColumnReader::read(const Api& api, VectorPointer vector, std::size_t rows) const {
  Source source = {api.vector_get_data(vector), api.vector_get_validity(vector), rows};
  sql::cells cells;
  cells.validity = read_validity(source);
  cells.values = read_vector(source);
  return cells;
}

}  // namespace duckdb_adapter
