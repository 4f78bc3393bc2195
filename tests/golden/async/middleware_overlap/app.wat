;; Three calls of one function are in progress, and return in the order of their work, not of their
;; start. The app waits for them in one set.
(component
  (import "x:y/lib" (instance $lib
    (export "slow" (func async (param "turns" u32) (result u32)))))
  (core module $libc (memory (export "memory") 1))
  (core instance $libc (instantiate $libc))
  (alias core export $libc "memory" (core memory $memory))
  (core func $slow (canon lower (func $lib "slow") async (memory $memory)))
  (core func $subtask-drop (canon subtask.drop))
  (core func $set-new (canon waitable-set.new))
  (core func $set-wait (canon waitable-set.wait (memory $memory)))
  (core func $set-drop (canon waitable-set.drop))
  (core func $join (canon waitable.join))
  (core module $code
    (import "" "memory" (memory 1))
    (import "" "slow" (func $slow (param i32 i32) (result i32)))
    (import "" "subtask-drop" (func $subtask-drop (param i32)))
    (import "" "set-new" (func $set-new (result i32)))
    (import "" "set-wait" (func $set-wait (param i32 i32) (result i32)))
    (import "" "set-drop" (func $set-drop (param i32)))
    (import "" "join" (func $join (param i32 i32)))
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
    (func $expect (param $actual i32) (param $expected i32)
      (if (i32.ne (local.get $actual) (local.get $expected)) (then unreachable)))
    ;; The handle of a call that has not returned, if its state is the expected one: STARTING (0) or
    ;; STARTED (1).
    (func $task (param $status i32) (param $state i32) (result i32)
      (if (i32.ne (i32.and (local.get $status) (i32.const 15)) (local.get $state))
        (then unreachable))
      (i32.shr_u (local.get $status) (i32.const 4)))
    (func (export "f") (result i32)
      (local $set i32) (local $i i32)
      (local.set $set (call $set-new))
      ;; The results are at 64, 68 and 72.
      (call $join (call $task (call $slow (i32.const 30) (i32.const 64)) (i32.const 1))
        (local.get $set))
      (call $join (call $task (call $slow (i32.const 20) (i32.const 68)) (i32.const 1))
        (local.get $set))
      (call $join (call $task (call $slow (i32.const 10) (i32.const 72)) (i32.const 1))
        (local.get $set))
      (loop $next
        (call $expect (call $set-wait (local.get $set) (i32.const 0)) (i32.const 1)) ;; SUBTASK
        (call $expect (i32.load (i32.const 4)) (i32.const 2)) ;; RETURNED
        (call $subtask-drop (i32.load (i32.const 0)))
        (local.set $i (i32.add (local.get $i) (i32.const 1)))
        ;; The last call that was started returns first.
        (call $check (i32.load (i32.sub (i32.const 76) (i32.mul (local.get $i) (i32.const 4))))
          (i32.mul (local.get $i) (i32.const 10)))
        (br_if $next (i32.lt_u (local.get $i) (i32.const 3))))
      (call $set-drop (local.get $set))
      (call $statuses)))
  (core instance $core (instantiate $code (with "" (instance
    (export "memory" (memory $memory)) (export "slow" (func $slow))
    (export "subtask-drop" (func $subtask-drop)) (export "set-new" (func $set-new))
    (export "set-wait" (func $set-wait)) (export "set-drop" (func $set-drop))
    (export "join" (func $join))))))
  (func (export "f") async (result (list s32))
    (canon lift (core func $core "f") (memory $memory))))
