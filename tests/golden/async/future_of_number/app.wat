;; Reads a future that `lib` returns and fulfills after that.
(component
  (import "x:y/lib" (instance $lib (export "open" (func async (result (future u32))))))
  (type $future (future u32))
  (core module $libc (memory (export "memory") 1))
  (core instance $libc (instantiate $libc))
  (alias core export $libc "memory" (core memory $memory))
  (core func $open (canon lower (func $lib "open")))
  (core func $read (canon future.read $future (memory $memory)))
  (core func $drop-readable (canon future.drop-readable $future))
  (core module $code
    (import "" "memory" (memory 1))
    (import "" "open" (func $open (result i32)))
    (import "" "read" (func $read (param i32 i32) (result i32)))
    (import "" "drop-readable" (func $drop-readable (param i32)))
    (func $expect (param $actual i32) (param $expected i32)
      (if (i32.ne (local.get $actual) (local.get $expected)) (then unreachable)))
    (func (export "f") (result i32)
      (local $future i32)
      (local.set $future (call $open))
      (call $expect (call $read (local.get $future) (i32.const 32)) (i32.const 0)) ;; COMPLETED
      (call $drop-readable (local.get $future))
      (i32.load (i32.const 32))))
  (core instance $core (instantiate $code (with "" (instance
    (export "memory" (memory $memory)) (export "open" (func $open)) (export "read" (func $read))
    (export "drop-readable" (func $drop-readable))))))
  (func (export "f") async (result u32) (canon lift (core func $core "f"))))
