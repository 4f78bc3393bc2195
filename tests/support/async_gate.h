// A guest whose calls wait until another call releases them, and one that calls it.
#pragma once

namespace tenon {

// `hold` waits until `release` is called, and then returns its parameter plus 100 (a call of `hold`
// each); `echo` returns its parameter at once; `crash` traps.
inline constexpr const char* kGate = R"((component
  (core module $libc (memory (export "memory") 1))
  (core instance $libc (instantiate $libc))
  (alias core export $libc "memory" (core memory $memory))
  (type $signal (future))
  (core func $new (canon future.new $signal))
  (core func $read (canon future.read $signal))
  (core func $write (canon future.write $signal async))
  (core func $return (canon task.return (result u32)))
  (core module $code
    (import "" "memory" (memory 1))
    (import "" "new" (func $new (result i64)))
    (import "" "read" (func $read (param i32 i32) (result i32)))
    (import "" "write" (func $write (param i32 i32) (result i32)))
    (import "" "return" (func $return (param i32)))
    ;; The writable ends of the calls that wait, from address 0.
    (global $waiting (mut i32) (i32.const 0))
    (func (export "hold") (param $number i32)
      (local $ends i64)
      (local.set $ends (call $new))
      (i32.store (i32.mul (global.get $waiting) (i32.const 4))
        (i32.wrap_i64 (i64.shr_u (local.get $ends) (i64.const 32))))
      (global.set $waiting (i32.add (global.get $waiting) (i32.const 1)))
      (drop (call $read (i32.wrap_i64 (local.get $ends)) (i32.const 0)))
      (call $return (i32.add (local.get $number) (i32.const 100))))
    (func (export "release") (result i32)
      (local $count i32)
      (local.set $count (global.get $waiting))
      (block $done (loop $next
        (br_if $done (i32.eqz (global.get $waiting)))
        (global.set $waiting (i32.sub (global.get $waiting) (i32.const 1)))
        (drop (call $write (i32.load (i32.mul (global.get $waiting) (i32.const 4)))
          (i32.const 0)))
        (br $next)))
      (local.get $count))
    (func (export "echo") (param i32) (call $return (local.get 0)))
    (func (export "crash") unreachable))
  (core instance $core (instantiate $code (with "" (instance
    (export "memory" (memory $memory)) (export "new" (func $new)) (export "read" (func $read))
    (export "write" (func $write)) (export "return" (func $return))))))
  (func (export "hold") async (param "number" u32) (result u32)
    (canon lift (core func $core "hold") async))
  (func (export "release") (result u32) (canon lift (core func $core "release")))
  (func (export "echo") async (param "number" u32) (result u32)
    (canon lift (core func $core "echo") async))
  (func (export "crash") (canon lift (core func $core "crash")))))";

// A guest that imports `hold`, and exports it as `visit`, a function that calls it and waits.
inline constexpr const char* kVisitor = R"((component
  (import "hold" (func $hold async (param "number" u32) (result u32)))
  (core func $hold (canon lower (func $hold)))
  (core func $return (canon task.return (result u32)))
  (core module $code
    (import "" "hold" (func $hold (param i32) (result i32)))
    (import "" "return" (func $return (param i32)))
    (func (export "visit") (param i32) (call $return (call $hold (local.get 0)))))
  (core instance $core (instantiate $code (with "" (instance
    (export "hold" (func $hold)) (export "return" (func $return))))))
  (func (export "visit") async (param "number" u32) (result u32)
    (canon lift (core func $core "visit") async))))";

}  // namespace tenon
