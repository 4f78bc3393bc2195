;; A function goes on after it has returned: the app has its result at once, and sees the rest of
;; its work later.
(component
  (import "x:y/lib" (instance $lib
    (export "start" (func async (param "to" u32) (result u32)))
    (export "count" (func (result u32)))))
  (core module $libc (memory (export "memory") 1))
  (core instance $libc (instantiate $libc))
  (alias core export $libc "memory" (core memory $memory))
  (core func $start (canon lower (func $lib "start")))
  (core func $count (canon lower (func $lib "count")))
  (core func $yield (canon thread.yield))
  (core module $code
    (import "" "memory" (memory 1))
    (import "" "start" (func $start (param i32) (result i32)))
    (import "" "count" (func $count (result i32)))
    (import "" "yield" (func $yield (result i32)))
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
      (call $check (call $start (i32.const 7)) (i32.const 7))
      (loop $again
        (drop (call $yield))
        (br_if $again (i32.lt_u (call $count) (i32.const 7))))
      (call $check (call $count) (i32.const 7))
      (call $statuses)))
  (core instance $core (instantiate $code (with "" (instance
    (export "memory" (memory $memory)) (export "start" (func $start))
    (export "count" (func $count)) (export "yield" (func $yield))))))
  (func (export "f") async (result (list s32))
    (canon lift (core func $core "f") (memory $memory))))
