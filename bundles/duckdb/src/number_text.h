// Numbers of 128 bits as text.
#pragma once

#include <cstdint>
#include <string>

namespace duckdb_adapter {

enum class Sign { Plus, Minus };

// upper * 2^64 + lower, with a point before its last `scale` digits: 1230 with 2 is "12.30".
[[nodiscard]] std::string print_scaled(std::uint64_t upper, std::uint64_t lower, Sign sign,
                                       unsigned scale);

// "00000000-0000-0000-0000-000000000000"; DuckDB keeps it with its first bit turned over.
[[nodiscard]] std::string print_uuid(std::uint64_t upper, std::uint64_t lower);

}  // namespace duckdb_adapter
