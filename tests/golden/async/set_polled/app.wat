;; `waitable-set.poll` says that there is no event yet (0), and takes it when there is one.
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
  (core func $set-new (canon waitable-set.new))
  (core func $set-poll (canon waitable-set.poll (memory $memory)))
  (core func $join (canon waitable.join))
  (core module $code
    (import "" "memory" (memory 1))
    (import "" "lib-open" (func $lib-open (result i32)))
    (import "" "lib-write" (func $lib-write (param i32 i32) (result i32)))
    (import "" "read" (func $read (param i32 i32 i32) (result i32)))
    (import "" "set-new" (func $set-new (result i32)))
    (import "" "set-poll" (func $set-poll (param i32 i32) (result i32)))
    (import "" "join" (func $join (param i32 i32)))
    ;; Traps unless a status is the expected one. All statuses become a list, at 512.
    (global $noted (mut i32) (i32.const 0))
    (func $check (param $status i32) (param $expected i32)
      (if (i32.ne (local.get $status) (local.get $expected)) (then unreachable))
      (i32.store (i32.add (i32.const 512) (i32.mul (global.get $noted) (i32.const 4)))
        (local.get $status))
      (global.set $noted (i32.add (global.get $noted) (i32.const 1))))
    ;; The result of `f`: all statuses, and the text at an address.
    (func $report (param $at i32) (param $size i32) (result i32)
      (i32.store (i32.const 16) (i32.const 512))
      (i32.store (i32.const 20) (global.get $noted))
      (i32.store (i32.const 24) (local.get $at))
      (i32.store (i32.const 28) (local.get $size))
      (i32.const 16))
    (func (export "f") (result i32)
      (local $stream i32) (local $set i32)
      (local.set $stream (call $lib-open))
      (local.set $set (call $set-new))
      (call $check (call $read (local.get $stream) (i32.const 64) (i32.const 8))
        (i32.const -1)) ;; BLOCKED
      (call $join (local.get $stream) (local.get $set))
      (call $check (call $set-poll (local.get $set) (i32.const 0)) (i32.const 0)) ;; NONE
      (call $check (call $lib-write (i32.const 0) (i32.const 4))
        (i32.const 0x40)) ;; COMPLETED, 4 bytes
      (call $check (call $set-poll (local.get $set) (i32.const 0)) (i32.const 2)) ;; STREAM_READ
      (call $check (i32.load (i32.const 4)) (i32.const 0x40))
      (call $check (call $set-poll (local.get $set) (i32.const 0)) (i32.const 0))
      (call $report (i32.const 64) (i32.const 4))))
  (core instance $core (instantiate $code (with "" (instance
    (export "memory" (memory $memory)) (export "lib-open" (func $lib-open))
    (export "lib-write" (func $lib-write)) (export "read" (func $read))
    (export "set-new" (func $set-new)) (export "set-poll" (func $set-poll))
    (export "join" (func $join))))))
  (func (export "f") async (result (tuple (list s32) string))
    (canon lift (core func $core "f") (memory $memory))))
