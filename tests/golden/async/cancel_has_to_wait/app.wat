;; Cancels a call whose wait cannot be cancelled: the cancellation is BLOCKED until `lib` is woken,
;; and the call returns its result.
(component
  (import "x:y/lib" (instance $lib
    (export "sleep" (func async (result u32)))
    (export "wake" (func (param "with" u32)))))
  (core module $libc (memory (export "memory") 1))
  (core instance $libc (instantiate $libc))
  (alias core export $libc "memory" (core memory $memory))
  (core func $sleep (canon lower (func $lib "sleep") async (memory $memory)))
  (core func $wake (canon lower (func $lib "wake")))
  (core func $cancel (canon subtask.cancel async))
  (core func $subtask-drop (canon subtask.drop))
  (core func $set-new (canon waitable-set.new))
  (core func $set-wait (canon waitable-set.wait (memory $memory)))
  (core func $set-drop (canon waitable-set.drop))
  (core func $join (canon waitable.join))
  (core module $code
    (import "" "memory" (memory 1))
    (import "" "sleep" (func $sleep (param i32) (result i32)))
    (import "" "wake" (func $wake (param i32)))
    (import "" "cancel" (func $cancel (param i32) (result i32)))
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
    ;; The handle of a call that has not returned, if its state is the expected one: STARTING (0) or
    ;; STARTED (1).
    (func $task (param $status i32) (param $state i32) (result i32)
      (if (i32.ne (i32.and (local.get $status) (i32.const 15)) (local.get $state))
        (then unreachable))
      (i32.shr_u (local.get $status) (i32.const 4)))
    (func $expect (param $actual i32) (param $expected i32)
      (if (i32.ne (local.get $actual) (local.get $expected)) (then unreachable)))
    ;; Waits for the event of a waitable, and returns its payload.
    (func $wait (param $waitable i32) (param $event i32) (result i32)
      (local $set i32)
      (local.set $set (call $set-new))
      (call $join (local.get $waitable) (local.get $set))
      (call $expect (call $set-wait (local.get $set) (i32.const 0)) (local.get $event))
      (call $expect (i32.load (i32.const 0)) (local.get $waitable))
      (call $join (local.get $waitable) (i32.const 0))
      (call $set-drop (local.get $set))
      (i32.load (i32.const 4)))
    (func (export "f") (result i32)
      (local $task i32)
      (local.set $task (call $task (call $sleep (i32.const 64)) (i32.const 1))) ;; STARTED
      (call $check (call $cancel (local.get $task)) (i32.const -1)) ;; BLOCKED
      (call $wake (i32.const 55))
      (call $check (call $wait (local.get $task) (i32.const 1)) (i32.const 2)) ;; RETURNED
      (call $subtask-drop (local.get $task))
      (call $check (i32.load (i32.const 64)) (i32.const 55))
      (call $statuses)))
  (core instance $core (instantiate $code (with "" (instance
    (export "memory" (memory $memory)) (export "sleep" (func $sleep)) (export "wake" (func $wake))
    (export "cancel" (func $cancel)) (export "subtask-drop" (func $subtask-drop))
    (export "set-new" (func $set-new)) (export "set-wait" (func $set-wait))
    (export "set-drop" (func $set-drop)) (export "join" (func $join))))))
  (func (export "f") async (result (list s32))
    (canon lift (core func $core "f") (memory $memory))))
