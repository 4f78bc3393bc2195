// The C API of DuckDB, version 1: the functions that the bundle calls, and the errors they report.
//
// libduckdb is loaded when an instance starts, by dlopen, and prototypes are declared here. So the
// bundle builds without DuckDB, and runs with every version that has these functions. Types and
// numbers are those of duckdb.h.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "sql_adapter.h"

namespace duckdb_adapter {

namespace sql = sql_host::database;

using idx_t = std::uint64_t;

// Opaque types of duckdb.h.
struct DatabaseRecord;
struct ConnectionRecord;
struct ConfigRecord;
struct StatementRecord;
struct ExtractedRecord;
struct TypeRecord;
struct ChunkRecord;
struct VectorRecord;
struct CacheRecord;
using DatabasePointer = DatabaseRecord*;
using ConnectionPointer = ConnectionRecord*;
using ConfigPointer = ConfigRecord*;
using StatementPointer = StatementRecord*;
using ExtractedPointer = ExtractedRecord*;
using TypePointer = TypeRecord*;
using ChunkPointer = ChunkRecord*;
using VectorPointer = VectorRecord*;
using CachePointer = CacheRecord*;

// duckdb_result. All fields but the last belong to a deprecated interface.
struct ResultRecord {
  idx_t column_count;
  idx_t row_count;
  idx_t rows_changed;
  void* columns;
  char* error_message;
  void* internal_data;
};

// duckdb_string_t. A text of up to 12 bytes is stored in the record itself.
struct StringRecord {
  static constexpr std::uint32_t kInlined = 12;
  std::uint32_t length;
  char prefix[4];
  union {
    const char* pointer;
    char rest[8];
  };
  [[nodiscard]] const char* data() const { return length <= kInlined ? prefix : pointer; }
};
static_assert(sizeof(StringRecord) == 16 && offsetof(StringRecord, prefix) == 4);

struct HugeRecord {
  std::uint64_t lower;
  std::int64_t upper;
};

enum class State : int { Success = 0, Error = 1 };
enum class ResultType : int { Invalid = 0, ChangedRows = 1, Nothing = 2, Query = 3 };

// DUCKDB_TYPE.
enum class Type : int {
  Invalid = 0,
  Boolean = 1,
  TinyInt = 2,
  SmallInt = 3,
  Integer = 4,
  BigInt = 5,
  UTinyInt = 6,
  USmallInt = 7,
  UInteger = 8,
  UBigInt = 9,
  Float = 10,
  Double = 11,
  Timestamp = 12,
  Date = 13,
  Time = 14,
  Interval = 15,
  HugeInt = 16,
  Varchar = 17,
  Blob = 18,
  Decimal = 19,
  TimestampS = 20,
  TimestampMs = 21,
  TimestampNs = 22,
  Enum = 23,
  List = 24,
  Struct = 25,
  Map = 26,
  Uuid = 27,
  Union = 28,
  Bit = 29,
  TimeTz = 30,
  TimestampTz = 31,
  UHugeInt = 32,
  Array = 33,
};

// Every function that is loaded: X(result, name without `duckdb_`, parameters).
#define DUCKDB_FUNCTIONS(X)                                                             \
  X(const char*, library_version, (void))                                               \
  X(CachePointer, create_instance_cache, (void))                                        \
  X(void, destroy_instance_cache, (CachePointer*))                                      \
  X(State, get_or_create_from_cache,                                                    \
    (CachePointer, const char* path, DatabasePointer*, ConfigPointer, char** error))    \
  X(void, close, (DatabasePointer*))                                                    \
  X(State, connect, (DatabasePointer, ConnectionPointer*))                              \
  X(void, disconnect, (ConnectionPointer*))                                             \
  X(void, interrupt, (ConnectionPointer))                                               \
  X(State, create_config, (ConfigPointer*))                                             \
  X(State, set_config, (ConfigPointer, const char* name, const char* option))           \
  X(void, destroy_config, (ConfigPointer*))                                             \
  X(idx_t, extract_statements, (ConnectionPointer, const char* sql, ExtractedPointer*)) \
  X(const char*, extract_statements_error, (ExtractedPointer))                          \
  X(State, prepare_extracted_statement,                                                 \
    (ConnectionPointer, ExtractedPointer, idx_t index, StatementPointer*))              \
  X(void, destroy_extracted, (ExtractedPointer*))                                       \
  X(const char*, prepare_error, (StatementPointer))                                     \
  X(void, destroy_prepare, (StatementPointer*))                                         \
  X(idx_t, nparams, (StatementPointer))                                                 \
  X(State, bind_null, (StatementPointer, idx_t))                                        \
  X(State, bind_boolean, (StatementPointer, idx_t, bool))                               \
  X(State, bind_int64, (StatementPointer, idx_t, std::int64_t))                         \
  X(State, bind_double, (StatementPointer, idx_t, double))                              \
  X(State, bind_varchar_length, (StatementPointer, idx_t, const char*, idx_t))          \
  X(State, bind_blob, (StatementPointer, idx_t, const void*, idx_t))                    \
  X(State, execute_prepared, (StatementPointer, ResultRecord*))                         \
  X(void, destroy_result, (ResultRecord*))                                              \
  X(const char*, result_error, (ResultRecord*))                                         \
  X(int, result_error_type, (ResultRecord*))                                            \
  X(ResultType, result_return_type, (ResultRecord))                                     \
  X(idx_t, rows_changed, (ResultRecord*))                                               \
  X(idx_t, column_count, (ResultRecord*))                                               \
  X(const char*, column_name, (ResultRecord*, idx_t))                                   \
  X(TypePointer, column_logical_type, (ResultRecord*, idx_t))                           \
  X(Type, get_type_id, (TypePointer))                                                   \
  X(std::uint8_t, decimal_width, (TypePointer))                                         \
  X(std::uint8_t, decimal_scale, (TypePointer))                                         \
  X(Type, decimal_internal_type, (TypePointer))                                         \
  X(Type, enum_internal_type, (TypePointer))                                            \
  X(std::uint32_t, enum_dictionary_size, (TypePointer))                                 \
  X(char*, enum_dictionary_value, (TypePointer, idx_t))                                 \
  X(void, destroy_logical_type, (TypePointer*))                                         \
  X(ChunkPointer, fetch_chunk, (ResultRecord))                                          \
  X(idx_t, data_chunk_get_size, (ChunkPointer))                                         \
  X(VectorPointer, data_chunk_get_vector, (ChunkPointer, idx_t))                        \
  X(void*, vector_get_data, (VectorPointer))                                            \
  X(std::uint64_t*, vector_get_validity, (VectorPointer))                               \
  X(void, destroy_data_chunk, (ChunkPointer*))                                          \
  X(void, free, (void*))

struct Api {
#define DUCKDB_MEMBER(result, name, parameters) result(*name) parameters = nullptr;
  DUCKDB_FUNCTIONS(DUCKDB_MEMBER)
#undef DUCKDB_MEMBER
  // The open databases of the process by their files. Opening a file twice without it would corrupt
  // the file.
  CachePointer cache = nullptr;
};

// Loads the library. Instances that load the same path at the same time share one Api. The library
// is never unloaded. path: empty for `libduckdb.so` in the system's search path.
// Throws std::runtime_error if it cannot be loaded or lacks functions; the bundle cannot start
// then.
[[nodiscard]] std::shared_ptr<const Api> load_api(const std::string& path);

// A message of DuckDB as an error of the WIT. If the message does not come with
// a type, its first words are the type, as in "Parser Error: ..".
// sql_text: the text that failed, to find the position in it; empty if there is none.
[[nodiscard]] sql::error read_error(const char* message, std::string_view sql_text);
[[nodiscard]] sql::error read_error(const char* message, int type, std::string_view sql_text);

}  // namespace duckdb_adapter
