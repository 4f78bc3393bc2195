// The core code that copies a stream or future: it reads from one end, and writes to the other.
#pragma once

#include <fmt/format.h>

#include <optional>
#include <string>
#include <vector>

#include "abi/layout.h"
#include "support/check.h"
#include "tests/differential/world.h"

namespace tenon::differential {

// The text of a function $copy-ID (readable end, writable end), which ends when the readable end has ended. It calls
// the built-in functions $read-ID, $write-ID, $drop-readable-ID and $drop-writable-ID.
inline std::string copy_function(const World& world, types::TypeId stream) {
  constexpr unsigned kMost = 5;  // items in one read
  unsigned size = 0;
  unsigned align = 1;
  if (const std::optional<types::TypeId> item =
          types::parts_of(world.types.types[stream]).front()) {
    const auto layout =
        abi::lay_out_function(world.types, {.params = {{"item", *item}}, .result = {}});
    TENON_CHECK(layout.has_value());
    const abi::Layout& params = layout->layouts[layout->params];
    size = layout->layouts[*params.parts[0].layout].size;
    align = layout->layouts[*params.parts[0].layout].align;
  }
  const std::string begin = fmt::format(
      "  (func $copy-{} (param $in i32) (param $out i32) (local $buffer i32) (local $status i32)\n"
      "    (local $count i32) (local $done i32) (local $written i32)\n"
      "    (local.set $buffer (call $realloc (i32.const 0) (i32.const 0) (i32.const {}) (i32.const "
      "{})))\n",
      stream.index, align, kMost * size);
  const std::string end = fmt::format(
      "    (call $drop-readable-{0} (local.get $in)) (call $drop-writable-{0} (local.get $out)))\n",
      stream.index);
  // The status of an operation is a number of items, and in the last 4 bits whether the other end is gone.
  const std::string copy =
      is_future(world.types, stream)
          ? fmt::format(
                "    (if (i32.and (call $read-{0} (local.get $in) (local.get $buffer)) (i32.const "
                "15))\n"
                "      (then unreachable))\n"
                "    (drop (call $write-{0} (local.get $out) (local.get $buffer)))\n",
                stream.index)
          : fmt::format(
                R"(    (block $end (loop $again
      (local.set $status (call $read-{0} (local.get $in) (local.get $buffer) (i32.const {1})))
      (local.set $count (i32.shr_u (local.get $status) (i32.const 4)))
      (local.set $done (i32.const 0))
      (loop $more (if (i32.lt_u (local.get $done) (local.get $count)) (then
        (local.set $written (call $write-{0} (local.get $out)
          (i32.add (local.get $buffer) (i32.mul (local.get $done) (i32.const {2})))
          (i32.sub (local.get $count) (local.get $done))))
        (local.set $done (i32.add (local.get $done) (i32.shr_u (local.get $written) (i32.const 4))))
        (br_if $end (i32.and (local.get $written) (i32.const 15)))
        (br $more))))
      (br_if $again (i32.eqz (i32.and (local.get $status) (i32.const 15))))))
)",
                stream.index, kMost, size);
  return begin + copy + end;
}

}  // namespace tenon::differential
