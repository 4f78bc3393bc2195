;; The app passes a stream on while a read of it waits, which traps.
(component
  (type $bytes (stream u8))
  (import "x:y/lib" (instance $lib
    (export "open" (func (result $bytes)))
    (export "take" (func (param "it" $bytes)))))
  (core module $libc (memory (export "memory") 1))
  (core instance $libc (instantiate $libc))
  (alias core export $libc "memory" (core memory $memory))
  (core func $open (canon lower (func $lib "open")))
  (core func $take (canon lower (func $lib "take")))
  (core func $read (canon stream.read $bytes async (memory $memory)))
  (core module $code
    (import "" "memory" (memory 1))
    (import "" "open" (func $open (result i32)))
    (import "" "take" (func $take (param i32)))
    (import "" "read" (func $read (param i32 i32 i32) (result i32)))
    (func $expect (param $actual i32) (param $expected i32)
      (if (i32.ne (local.get $actual) (local.get $expected)) (then unreachable)))
    (func (export "f")
      (local $stream i32)
      (local.set $stream (call $open))
      (call $expect (i32.const -1) ;; BLOCKED
        (call $read (local.get $stream) (i32.const 64) (i32.const 8)))
      (call $take (local.get $stream))))
  (core instance $core (instantiate $code (with "" (instance
    (export "memory" (memory $memory)) (export "open" (func $open)) (export "take" (func $take))
    (export "read" (func $read))))))
  (func (export "f") async (canon lift (core func $core "f"))))
