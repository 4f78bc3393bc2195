;; The app reads on after it has seen the end of a stream, which traps.
(component
  (import "x:y/lib" (instance $lib
    (export "open" (func (result (stream u8))))
    (export "drop" (func))))
  (type $bytes (stream u8))
  (core module $libc (memory (export "memory") 1))
  (core instance $libc (instantiate $libc))
  (alias core export $libc "memory" (core memory $memory))
  (core func $lib-open (canon lower (func $lib "open")))
  (core func $lib-drop (canon lower (func $lib "drop")))
  (core func $read (canon stream.read $bytes async (memory $memory)))
  (core module $code
    (import "" "memory" (memory 1))
    (import "" "lib-open" (func $lib-open (result i32)))
    (import "" "lib-drop" (func $lib-drop))
    (import "" "read" (func $read (param i32 i32 i32) (result i32)))
    (func $expect (param $actual i32) (param $expected i32)
      (if (i32.ne (local.get $actual) (local.get $expected)) (then unreachable)))
    (func (export "f")
      (local $stream i32)
      (local.set $stream (call $lib-open))
      (call $lib-drop)
      (call $expect (i32.const 0x01) ;; DROPPED
        (call $read (local.get $stream) (i32.const 64) (i32.const 8)))
      (drop (call $read (local.get $stream) (i32.const 64) (i32.const 8)))))
  (core instance $core (instantiate $code (with "" (instance
    (export "memory" (memory $memory)) (export "lib-open" (func $lib-open))
    (export "lib-drop" (func $lib-drop)) (export "read" (func $read))))))
  (func (export "f") async (canon lift (core func $core "f"))))
