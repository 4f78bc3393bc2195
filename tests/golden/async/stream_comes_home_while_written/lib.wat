;; Reads two bytes of a stream and returns it.
(component
  (type $bytes (stream u8))
  (core module $libc (memory (export "memory") 1))
  (core instance $libc (instantiate $libc))
  (alias core export $libc "memory" (core memory $memory))
  (core func $read (canon stream.read $bytes async (memory $memory)))
  (core module $code
    (import "" "memory" (memory 1))
    (import "" "read" (func $read (param i32 i32 i32) (result i32)))
    (func $expect (param $actual i32) (param $expected i32)
      (if (i32.ne (local.get $actual) (local.get $expected)) (then unreachable)))
    (func (export "skip") (param $stream i32) (result i32)
      (call $expect (i32.const 0x20) ;; COMPLETED, 2 bytes
        (call $read (local.get $stream) (i32.const 64) (i32.const 2)))
      (local.get $stream)))
  (core instance $core (instantiate $code (with "" (instance
    (export "memory" (memory $memory)) (export "read" (func $read))))))
  (func $skip (param "it" $bytes) (result $bytes) (canon lift (core func $core "skip")))
  (instance $lib (export "skip" (func $skip)))
  (export "x:y/lib" (instance $lib)))
