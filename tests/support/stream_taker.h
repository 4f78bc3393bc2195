// A guest that reads a stream.
#pragma once

namespace tenon {

// `take` counts the bytes of a stream.
inline constexpr const char* kTaker = R"((component
  (type $bytes (stream u8))
  (core module $libc (memory (export "memory") 1))
  (core instance $libc (instantiate $libc))
  (alias core export $libc "memory" (core memory $memory))
  (core func $read (canon stream.read $bytes (memory $memory)))
  (core func $drop-readable (canon stream.drop-readable $bytes))
  (core module $code
    (import "" "read" (func $read (param i32 i32 i32) (result i32)))
    (import "" "drop-readable" (func $drop-readable (param i32)))
    (func (export "take") (param $bytes i32) (result i32) (local $count i32) (local $status i32)
      (loop $again
        (local.set $status (call $read (local.get $bytes) (i32.const 64) (i32.const 5)))
        (local.set $count
          (i32.add (local.get $count) (i32.shr_u (local.get $status) (i32.const 4))))
        (br_if $again (i32.eqz (i32.and (local.get $status) (i32.const 15)))))
      (call $drop-readable (local.get $bytes))
      (local.get $count)))
  (core instance $core (instantiate $code (with "" (instance
    (export "read" (func $read)) (export "drop-readable" (func $drop-readable))))))
  (func (export "take") async (param "bytes" $bytes) (result u32)
    (canon lift (core func $core "take")))))";

}  // namespace tenon
