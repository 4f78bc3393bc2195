;; `lib` traps while the app waits for data of its stream: the trap ends both.
(component
  (type $bytes (stream u8))
  (import "x:y/lib" (instance $lib
    (export "open" (func (result $bytes)))
    (export "crash" (func (result (result (error string)))))))
  (core module $libc
    (memory (export "memory") 1)
    (global $top (mut i32) (i32.const 1024))
    (func (export "realloc") (param i32 i32 i32 i32) (result i32)
      (local $at i32)
      (local.set $at (i32.and (i32.add (global.get $top) (i32.const 7)) (i32.const -8)))
      (global.set $top (i32.add (local.get $at) (local.get 3)))
      (local.get $at)))
  (core instance $libc (instantiate $libc))
  (alias core export $libc "memory" (core memory $memory))
  (alias core export $libc "realloc" (core func $realloc))
  (core func $open (canon lower (func $lib "open")))
  (core func $crash (canon lower (func $lib "crash") (memory $memory) (realloc $realloc)))
  (core func $read (canon stream.read $bytes async (memory $memory)))
  (core module $code
    (import "" "memory" (memory 1))
    (import "" "open" (func $open (result i32)))
    (import "" "crash" (func $crash (param i32)))
    (import "" "read" (func $read (param i32 i32 i32) (result i32)))
    (func $expect (param $actual i32) (param $expected i32)
      (if (i32.ne (local.get $actual) (local.get $expected)) (then unreachable)))
    (func (export "f") (result i32)
      (local $stream i32)
      (local.set $stream (call $open))
      (call $expect (i32.const -1) ;; BLOCKED
        (call $read (local.get $stream) (i32.const 64) (i32.const 8)))
      (call $crash (i32.const 32))
      (i32.const 0)))
  (core instance $core (instantiate $code (with "" (instance
    (export "memory" (memory $memory)) (export "open" (func $open)) (export "crash" (func $crash))
    (export "read" (func $read))))))
  (func (export "f") async (result u32) (canon lift (core func $core "f"))))
