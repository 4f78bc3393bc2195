;; A stream whose items have no payload: only their number counts.
(component
  (import "x:y/lib" (instance $lib
    (export "ticks" (func async (param "count" u32) (result (stream))))))
  (type $ticks (stream))
  (core module $libc (memory (export "memory") 1))
  (core instance $libc (instantiate $libc))
  (alias core export $libc "memory" (core memory $memory))
  (core func $ticks (canon lower (func $lib "ticks")))
  (core func $read (canon stream.read $ticks))
  (core func $drop-readable (canon stream.drop-readable $ticks))
  (core module $code
    (import "" "memory" (memory 1))
    (import "" "ticks" (func $ticks (param i32) (result i32)))
    (import "" "read" (func $read (param i32 i32 i32) (result i32)))
    (import "" "drop-readable" (func $drop-readable (param i32)))
    (func (export "f") (result i32)
      (local $stream i32) (local $count i32) (local $status i32)
      (local.set $stream (call $ticks (i32.const 1000)))
      (loop $again
        (local.set $status (call $read (local.get $stream) (i32.const 0) (i32.const 300)))
        (local.set $count
          (i32.add (local.get $count) (i32.shr_u (local.get $status) (i32.const 4))))
        (br_if $again (i32.eqz (i32.and (local.get $status) (i32.const 15)))))
      (call $drop-readable (local.get $stream))
      (local.get $count)))
  (core instance $core (instantiate $code (with "" (instance
    (export "memory" (memory $memory)) (export "ticks" (func $ticks)) (export "read" (func $read))
    (export "drop-readable" (func $drop-readable))))))
  (func (export "f") async (result u32) (canon lift (core func $core "f"))))
