;; The app drops its end: the next write of `lib` sees it.
(component
  (import "x:y/lib" (instance $lib
    (export "open" (func (result (stream u8))))
    (export "write" (func (param "from" u32) (param "count" u32) (result u32)))
    (export "drop" (func))))
  (type $bytes (stream u8))
  (core module $libc (memory (export "memory") 1))
  (core instance $libc (instantiate $libc))
  (alias core export $libc "memory" (core memory $memory))
  (core func $lib-open (canon lower (func $lib "open")))
  (core func $lib-write (canon lower (func $lib "write")))
  (core func $lib-drop (canon lower (func $lib "drop")))
  (core func $drop-readable (canon stream.drop-readable $bytes))
  (core module $code
    (import "" "memory" (memory 1))
    (import "" "lib-open" (func $lib-open (result i32)))
    (import "" "lib-write" (func $lib-write (param i32 i32) (result i32)))
    (import "" "lib-drop" (func $lib-drop))
    (import "" "drop-readable" (func $drop-readable (param i32)))
    ;; Traps unless a status is the expected one. All statuses become a list, at 512.
    (global $noted (mut i32) (i32.const 0))
    (func $check (param $status i32) (param $expected i32)
      (if (i32.ne (local.get $status) (local.get $expected)) (then unreachable))
      (i32.store (i32.add (i32.const 512) (i32.mul (global.get $noted) (i32.const 4)))
        (local.get $status))
      (global.set $noted (i32.add (global.get $noted) (i32.const 1))))
    ;; The result of `f`: all statuses.
    (func $statuses (result i32)
      (i32.store (i32.const 16) (i32.const 512))
      (i32.store (i32.const 20) (global.get $noted))
      (i32.const 16))
    (func (export "f") (result i32)
      (call $drop-readable (call $lib-open))
      (call $check (call $lib-write (i32.const 0) (i32.const 4)) (i32.const 0x01)) ;; DROPPED
      (call $lib-drop)
      (call $statuses)))
  (core instance $core (instantiate $code (with "" (instance
    (export "memory" (memory $memory)) (export "lib-open" (func $lib-open))
    (export "lib-write" (func $lib-write)) (export "lib-drop" (func $lib-drop))
    (export "drop-readable" (func $drop-readable))))))
  (func (export "f") async (result (list s32))
    (canon lift (core func $core "f") (memory $memory))))
