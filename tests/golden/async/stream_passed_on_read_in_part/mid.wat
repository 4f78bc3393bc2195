;; Reads three bytes of a stream of `lib`, and passes it on.
(component
  (import "x:y/lib" (instance $lib (export "open" (func async (result (stream u8))))))
  (type $bytes (stream u8))
  (core module $libc (memory (export "memory") 1))
  (core instance $libc (instantiate $libc))
  (alias core export $libc "memory" (core memory $memory))
  (core func $open (canon lower (func $lib "open")))
  (core func $read (canon stream.read $bytes (memory $memory)))
  (core module $code
    (import "" "memory" (memory 1))
    (import "" "open" (func $open (result i32)))
    (import "" "read" (func $read (param i32 i32 i32) (result i32)))
    (func $expect (param $actual i32) (param $expected i32)
      (if (i32.ne (local.get $actual) (local.get $expected)) (then unreachable)))
    (func (export "open") (result i32)
      (local $stream i32)
      (local.set $stream (call $open))
      (call $expect (i32.const 0x30) ;; COMPLETED, 3 bytes
        (call $read (local.get $stream) (i32.const 64) (i32.const 3)))
      (call $expect (i32.load8_u (i32.const 66)) (i32.const 0x63)) ;; c
      (local.get $stream)))
  (core instance $core (instantiate $code (with "" (instance
    (export "memory" (memory $memory)) (export "open" (func $open))
    (export "read" (func $read))))))
  (func $pass async (result $bytes) (canon lift (core func $core "open")))
  (instance $mid (export "open" (func $pass)))
  (export "x:y/mid" (instance $mid)))
