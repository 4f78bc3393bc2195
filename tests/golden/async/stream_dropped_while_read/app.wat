;; The app drops a stream while a read of it waits, to whose buffer `lib` has written: it traps,
;; because the app has not taken the event of the read.
(component
  (import "x:y/lib" (instance $lib
    (export "open" (func (result (stream u8))))
    (export "write" (func (param "from" u32) (param "count" u32) (result u32)))))
  (type $bytes (stream u8))
  (core module $libc (memory (export "memory") 1))
  (core instance $libc (instantiate $libc))
  (alias core export $libc "memory" (core memory $memory))
  (core func $lib-open (canon lower (func $lib "open")))
  (core func $lib-write (canon lower (func $lib "write")))
  (core func $read (canon stream.read $bytes async (memory $memory)))
  (core func $drop-readable (canon stream.drop-readable $bytes))
  (core module $code
    (import "" "memory" (memory 1))
    (import "" "lib-open" (func $lib-open (result i32)))
    (import "" "lib-write" (func $lib-write (param i32 i32) (result i32)))
    (import "" "read" (func $read (param i32 i32 i32) (result i32)))
    (import "" "drop-readable" (func $drop-readable (param i32)))
    (func $expect (param $actual i32) (param $expected i32)
      (if (i32.ne (local.get $actual) (local.get $expected)) (then unreachable)))
    (func (export "f")
      (local $stream i32)
      (local.set $stream (call $lib-open))
      (call $expect (i32.const -1) ;; BLOCKED
        (call $read (local.get $stream) (i32.const 64) (i32.const 8)))
      (call $expect (call $lib-write (i32.const 0) (i32.const 4)) (i32.const 0x40)) ;; COMPLETED, 4
      (call $drop-readable (local.get $stream))))
  (core instance $core (instantiate $code (with "" (instance
    (export "memory" (memory $memory)) (export "lib-open" (func $lib-open))
    (export "lib-write" (func $lib-write)) (export "read" (func $read))
    (export "drop-readable" (func $drop-readable))))))
  (func (export "f") async (canon lift (core func $core "f"))))
