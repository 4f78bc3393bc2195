;; Cancels a call that has not started and would have taken a resource: the app keeps the handle.
;; Across domains, a call that has not started is STARTED for its caller.
(component
  (import "x:y/lib" (instance $lib
    (export "item" (type $item (sub resource)))
    (export "make" (func (param "number" u32) (result (own $item))))
    (export "take" (func async (param "it" (own $item)) (result u32)))
    (export "number" (func (param "of" (borrow $item)) (result u32)))
    (export "pause" (func))
    (export "resume" (func))))
  (alias export $lib "item" (type $item))
  (core module $libc (memory (export "memory") 1))
  (core instance $libc (instantiate $libc))
  (alias core export $libc "memory" (core memory $memory))
  (core func $make (canon lower (func $lib "make")))
  (core func $take (canon lower (func $lib "take") async (memory $memory)))
  (core func $number (canon lower (func $lib "number")))
  (core func $pause (canon lower (func $lib "pause")))
  (core func $resume (canon lower (func $lib "resume")))
  (core func $cancel (canon subtask.cancel))
  (core func $subtask-drop (canon subtask.drop))
  (core module $code
    (import "" "memory" (memory 1))
    (import "" "make" (func $make (param i32) (result i32)))
    (import "" "take" (func $take (param i32 i32) (result i32)))
    (import "" "number" (func $number (param i32) (result i32)))
    (import "" "pause" (func $pause))
    (import "" "resume" (func $resume))
    (import "" "cancel" (func $cancel (param i32) (result i32)))
    (import "" "subtask-drop" (func $subtask-drop (param i32)))
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
    ;; The handle of a call that has not returned, if its state is the expected one: STARTING (0) or
    ;; STARTED (1).
    (func $task (param $status i32) (param $state i32) (result i32)
      (if (i32.ne (i32.and (local.get $status) (i32.const 15)) (local.get $state))
        (then unreachable))
      (i32.shr_u (local.get $status) (i32.const 4)))
    (func (export "f") (result i32)
      (local $item i32) (local $task i32)
      (local.set $item (call $make (i32.const 33)))
      (call $pause)
      (local.set $task
        (call $task (call $take (local.get $item) (i32.const 64)) (i32.const 0))) ;; STARTING
      (call $check (call $cancel (local.get $task)) (i32.const 3)) ;; CANCELLED_BEFORE_STARTED
      (call $subtask-drop (local.get $task))
      (call $resume)
      (call $check (call $number (local.get $item)) (i32.const 33))
      (call $check (call $take (local.get $item) (i32.const 64)) (i32.const 2)) ;; RETURNED
      (call $check (i32.load (i32.const 64)) (i32.const 33))
      (call $statuses)))
  (core instance $core (instantiate $code (with "" (instance
    (export "memory" (memory $memory)) (export "make" (func $make)) (export "take" (func $take))
    (export "number" (func $number)) (export "pause" (func $pause))
    (export "resume" (func $resume)) (export "cancel" (func $cancel))
    (export "subtask-drop" (func $subtask-drop))))))
  (func (export "f") async (result (list s32))
    (canon lift (core func $core "f") (memory $memory))))
