// Made by `tenon bindgen host-cpp` from the WIT of tenon:sql/host@0.1.0. Do not edit.
#pragma once

#include <tenon/host_glue.h>

static_assert(tenon::host_glue::version >= 2,
              "sql_host.h needs version 2 of <tenon/host_glue.h>, and the one that was "
              "included is older: use the headers of the tenon that generated it");
static_assert(tenon::host_glue::oldest_version <= 2,
              "sql_host.h was generated for version 2 of <tenon/host_glue.h>, and the one "
              "that was included is newer: run `tenon bindgen host-cpp` again");

// tenon:sql/database@0.1.0
namespace sql_host::database {
class connection;
class statement;
class rows;
enum class error_kind : std::uint32_t {
  sql,
  parameters,
  constraint,
  conversion,
  denied,
  read_only,
  busy,
  limit,
  interrupted,
  unsupported,
  storage,
  misuse,
  other,
};
struct error {
  error_kind kind = {};
  std::int32_t code = 0;
  std::string message = {};
  std::optional<std::uint32_t> position = {};
  bool operator==(const error&) const = default;
};
struct value {
  struct null {
    bool operator==(const null&) const = default;
  };
  struct boolean {
    bool value;
    bool operator==(const boolean&) const = default;
  };
  struct integer {
    std::int64_t value;
    bool operator==(const integer&) const = default;
  };
  struct real {
    double value;
    bool operator==(const real&) const = default;
  };
  struct text {
    std::string value;
    bool operator==(const text&) const = default;
  };
  struct blob {
    std::vector<std::uint8_t> value;
    bool operator==(const blob&) const = default;
  };
  enum class cases { null, boolean, integer, real, text, blob };
  value() = default;
  value(null init_) : which(std::move(init_)) {}
  value(boolean init_) : which(std::move(init_)) {}
  value(integer init_) : which(std::move(init_)) {}
  value(real init_) : which(std::move(init_)) {}
  value(text init_) : which(std::move(init_)) {}
  value(blob init_) : which(std::move(init_)) {}
  [[nodiscard]] cases which_case() const { return static_cast<cases>(which.index()); }
  bool operator==(const value&) const = default;
  std::variant<null, boolean, integer, real, text, blob> which;
};
struct column {
  std::string name = {};
  std::string declared = {};
  bool operator==(const column&) const = default;
};
struct texts {
  std::string data = {};
  std::vector<std::uint32_t> ends = {};
  bool operator==(const texts&) const = default;
};
struct blobs {
  std::vector<std::uint8_t> data = {};
  std::vector<std::uint32_t> ends = {};
  bool operator==(const blobs&) const = default;
};
struct vector {
  struct nulls {
    bool operator==(const nulls&) const = default;
  };
  struct booleans {
    std::vector<bool> value;
    bool operator==(const booleans&) const = default;
  };
  struct integers {
    std::vector<std::int64_t> value;
    bool operator==(const integers&) const = default;
  };
  struct unsigned_ {
    std::vector<std::uint64_t> value;
    bool operator==(const unsigned_&) const = default;
  };
  struct reals {
    std::vector<double> value;
    bool operator==(const reals&) const = default;
  };
  struct dates {
    std::vector<std::int32_t> value;
    bool operator==(const dates&) const = default;
  };
  struct times {
    std::vector<std::int64_t> value;
    bool operator==(const times&) const = default;
  };
  struct timestamps {
    std::vector<std::int64_t> value;
    bool operator==(const timestamps&) const = default;
  };
  struct texts {
    ::sql_host::database::texts value;
    bool operator==(const texts&) const = default;
  };
  struct blobs {
    ::sql_host::database::blobs value;
    bool operator==(const blobs&) const = default;
  };
  struct mixed {
    std::vector<::sql_host::database::value> value;
    bool operator==(const mixed&) const = default;
  };
  enum class cases { nulls, booleans, integers, unsigned_, reals, dates, times, timestamps, texts, blobs, mixed };
  vector() = default;
  vector(nulls init_) : which(std::move(init_)) {}
  vector(booleans init_) : which(std::move(init_)) {}
  vector(integers init_) : which(std::move(init_)) {}
  vector(unsigned_ init_) : which(std::move(init_)) {}
  vector(reals init_) : which(std::move(init_)) {}
  vector(dates init_) : which(std::move(init_)) {}
  vector(times init_) : which(std::move(init_)) {}
  vector(timestamps init_) : which(std::move(init_)) {}
  vector(texts init_) : which(std::move(init_)) {}
  vector(blobs init_) : which(std::move(init_)) {}
  vector(mixed init_) : which(std::move(init_)) {}
  [[nodiscard]] cases which_case() const { return static_cast<cases>(which.index()); }
  bool operator==(const vector&) const = default;
  std::variant<nulls, booleans, integers, unsigned_, reals, dates, times, timestamps, texts, blobs, mixed> which;
};
struct cells {
  vector values = {};
  std::optional<std::vector<std::uint8_t>> validity = {};
  bool operator==(const cells&) const = default;
};
struct chunk {
  std::uint32_t rows = 0;
  std::vector<cells> columns = {};
  bool operator==(const chunk&) const = default;
};

class connection {
 public:
  connection() = default;
  connection(const connection&) = delete;
  connection& operator=(const connection&) = delete;
  virtual ~connection() = default;

  // execute: func(sql: string) -> result<u64, error>;
  virtual tenon::expected<std::uint64_t, error> execute(std::string_view sql) = 0;

  // query: func(sql: string, parameters: list<value>) -> result<rows, error>;
  virtual tenon::expected<std::shared_ptr<::sql_host::database::rows>, error> query(
      std::string_view sql,
      std::span<const ::sql_host::database::value> parameters) = 0;

  // prepare: func(sql: string) -> result<statement, error>;
  virtual tenon::expected<std::shared_ptr<statement>, error> prepare(std::string_view sql) = 0;
};

class statement {
 public:
  statement() = default;
  statement(const statement&) = delete;
  statement& operator=(const statement&) = delete;
  virtual ~statement() = default;

  // parameters: func() -> u32;
  virtual std::uint32_t parameters() = 0;

  // execute: func(parameters: list<value>) -> result<u64, error>;
  virtual tenon::expected<std::uint64_t, error> execute(
      std::span<const ::sql_host::database::value> parameters) = 0;

  // execute-many: func(rows: list<list<value>>) -> result<u64, error>;
  virtual tenon::expected<std::uint64_t, error> execute_many(
      std::span<const std::vector<::sql_host::database::value>> rows) = 0;

  // query: func(parameters: list<value>) -> result<rows, error>;
  virtual tenon::expected<std::shared_ptr<::sql_host::database::rows>, error> query(
      std::span<const ::sql_host::database::value> parameters) = 0;
};

class rows {
 public:
  rows() = default;
  rows(const rows&) = delete;
  rows& operator=(const rows&) = delete;
  virtual ~rows() = default;

  // columns: func() -> list<column>;
  virtual std::vector<column> columns() = 0;

  // next: func() -> result<option<chunk>, error>;
  virtual tenon::expected<std::optional<chunk>, error> next() = 0;
};

// The functions that the instance implements.
class exports {
 public:
  exports() = default;
  exports(const exports&) = delete;
  exports& operator=(const exports&) = delete;
  virtual ~exports() = default;

  // open: static func(path: option<string>) -> result<connection, error>;
  virtual tenon::expected<std::shared_ptr<connection>, error> connection_open(
      const std::optional<std::string_view>& path) = 0;
};
}  // namespace sql_host::database

namespace sql_host {
// The base class of a bundle's instances. The derived class also has
// `static create(const tenon::host_config&)`, and can replace `function_flags`.
class instance : public database::exports {
 public:
  instance() = default;
  instance(const instance&) = delete;
  instance& operator=(const instance&) = delete;
  ~instance() override = default;
  // TENON_MAY_BLOCK, TENON_PURE or 0 for a function, for example
  // "tenon:sqlite/sql#[method]connection.query".
  static constexpr std::uint32_t function_flags(std::string_view /*function*/) { return 0; }
};
}  // namespace sql_host

namespace tenon::host_glue {
template <>
struct record_fields<::sql_host::database::error> {
  static constexpr auto get() {
    using type = ::sql_host::database::error;
    return std::make_tuple(&type::kind, &type::code, &type::message, &type::position);
  }
};
template <>
struct record_fields<::sql_host::database::column> {
  static constexpr auto get() {
    using type = ::sql_host::database::column;
    return std::make_tuple(&type::name, &type::declared);
  }
};
template <>
struct record_fields<::sql_host::database::texts> {
  static constexpr auto get() {
    using type = ::sql_host::database::texts;
    return std::make_tuple(&type::data, &type::ends);
  }
};
template <>
struct record_fields<::sql_host::database::blobs> {
  static constexpr auto get() {
    using type = ::sql_host::database::blobs;
    return std::make_tuple(&type::data, &type::ends);
  }
};
template <>
struct record_fields<::sql_host::database::cells> {
  static constexpr auto get() {
    using type = ::sql_host::database::cells;
    return std::make_tuple(&type::values, &type::validity);
  }
};
template <>
struct record_fields<::sql_host::database::chunk> {
  static constexpr auto get() {
    using type = ::sql_host::database::chunk;
    return std::make_tuple(&type::rows, &type::columns);
  }
};
}  // namespace tenon::host_glue

namespace sql_host {
// TENON_HOST_MODULE finds these three by its Type, which is derived from `instance`.
constexpr instance* module_base(instance* derived) { return derived; }
// Each row has a hash of the function's type, which the host compares with the WIT.
template <class Type>
constexpr std::array<tenon_func_def, 10> module_functions(const instance*) {
  return {{
      {"tenon:sql/database", "[static]connection.open",
       &tenon::host_glue::call_function<instance, &database::exports::connection_open>,
       0xef41fe70ba17f17fU, Type::function_flags("tenon:sql/database#[static]connection.open")},
      {"tenon:sql/database", "[method]connection.execute",
       &tenon::host_glue::call_method<instance, &database::connection::execute>,
       0xf8f126dadc06c1fbU, Type::function_flags("tenon:sql/database#[method]connection.execute")},
      {"tenon:sql/database", "[method]connection.query",
       &tenon::host_glue::call_method<instance, &database::connection::query>,
       0x5e035e6cdbd7f10eU, Type::function_flags("tenon:sql/database#[method]connection.query")},
      {"tenon:sql/database", "[method]connection.prepare",
       &tenon::host_glue::call_method<instance, &database::connection::prepare>,
       0xfbaece9ae7032ee9U, Type::function_flags("tenon:sql/database#[method]connection.prepare")},
      {"tenon:sql/database", "[method]statement.parameters",
       &tenon::host_glue::call_method<instance, &database::statement::parameters>,
       0x53b7259525d95100U, Type::function_flags("tenon:sql/database#[method]statement.parameters")},
      {"tenon:sql/database", "[method]statement.execute",
       &tenon::host_glue::call_method<instance, &database::statement::execute>,
       0x2c2022cd1c9466d4U, Type::function_flags("tenon:sql/database#[method]statement.execute")},
      {"tenon:sql/database", "[method]statement.execute-many",
       &tenon::host_glue::call_method<instance, &database::statement::execute_many>,
       0xbcc675590a984e19U, Type::function_flags("tenon:sql/database#[method]statement.execute-many")},
      {"tenon:sql/database", "[method]statement.query",
       &tenon::host_glue::call_method<instance, &database::statement::query>,
       0xd55993e531a2d4c0U, Type::function_flags("tenon:sql/database#[method]statement.query")},
      {"tenon:sql/database", "[method]rows.columns",
       &tenon::host_glue::call_method<instance, &database::rows::columns>,
       0x76772ea544ee993dU, Type::function_flags("tenon:sql/database#[method]rows.columns")},
      {"tenon:sql/database", "[method]rows.next",
       &tenon::host_glue::call_method<instance, &database::rows::next>,
       0x2afd1053399d3314U, Type::function_flags("tenon:sql/database#[method]rows.next")},
  }};
}
constexpr std::array<tenon_resource_def, 3> module_resources(const instance*) {
  return {{
      {"tenon:sql/database", "connection",
       &tenon::host_glue::drop_resource<instance, database::connection>},
      {"tenon:sql/database", "statement",
       &tenon::host_glue::drop_resource<instance, database::statement>},
      {"tenon:sql/database", "rows",
       &tenon::host_glue::drop_resource<instance, database::rows>},
  }};
}
}  // namespace sql_host
