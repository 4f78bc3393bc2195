;; Cancels a call that waits for data of a stream of the app: `lib` drops the stream, so that the
;; write of the app is DROPPED.
;; Across domains, `lib` does not learn of the cancellation.
(component
  (import "x:y/lib" (instance $lib
    (export "consume" (func async (param "from" (stream u8))))))
  (type $bytes (stream u8))
  (core module $libc
    (memory (export "memory") 1)
    (data (i32.const 64) "data"))
  (core instance $libc (instantiate $libc))
  (alias core export $libc "memory" (core memory $memory))
  (core func $consume (canon lower (func $lib "consume") async))
  (core func $new (canon stream.new $bytes))
  (core func $write (canon stream.write $bytes async (memory $memory)))
  (core func $drop-writable (canon stream.drop-writable $bytes))
  (core func $cancel (canon subtask.cancel))
  (core func $subtask-drop (canon subtask.drop))
  (core func $set-new (canon waitable-set.new))
  (core func $set-wait (canon waitable-set.wait (memory $memory)))
  (core func $set-drop (canon waitable-set.drop))
  (core func $join (canon waitable.join))
  (core module $code
    (import "" "memory" (memory 1))
    (import "" "consume" (func $consume (param i32) (result i32)))
    (import "" "new" (func $new (result i64)))
    (import "" "write" (func $write (param i32 i32 i32) (result i32)))
    (import "" "drop-writable" (func $drop-writable (param i32)))
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
    (func $readable (param $ends i64) (result i32) (i32.wrap_i64 (local.get $ends)))
    (func $writable (param $ends i64) (result i32)
      (i32.wrap_i64 (i64.shr_u (local.get $ends) (i64.const 32))))
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
    ;; The status of a read or write; waits for it if it is BLOCKED (-1).
    (func $finish (param $status i32) (param $waitable i32) (param $event i32) (result i32)
      (if (result i32) (i32.eq (local.get $status) (i32.const -1))
        (then (call $wait (local.get $waitable) (local.get $event)))
        (else (local.get $status))))
    (func (export "f") (result i32)
      (local $ends i64) (local $task i32) (local $writer i32)
      (local.set $ends (call $new))
      (local.set $writer (call $writable (local.get $ends)))
      (local.set $task
        (call $task (call $consume (call $readable (local.get $ends))) (i32.const 1))) ;; STARTED
      (call $check (i32.const 0x40) ;; COMPLETED, 4 bytes
        (call $finish (call $write (local.get $writer) (i32.const 64) (i32.const 4))
          (local.get $writer) (i32.const 3)))
      (call $check (call $cancel (local.get $task)) (i32.const 4)) ;; CANCELLED_BEFORE_RETURNED
      (call $subtask-drop (local.get $task))
      (call $check (i32.const 0x01) ;; DROPPED
        (call $finish (call $write (local.get $writer) (i32.const 64) (i32.const 4))
          (local.get $writer) (i32.const 3)))
      (call $drop-writable (local.get $writer))
      (call $statuses)))
  (core instance $core (instantiate $code (with "" (instance
    (export "memory" (memory $memory)) (export "consume" (func $consume))
    (export "new" (func $new)) (export "write" (func $write))
    (export "drop-writable" (func $drop-writable)) (export "cancel" (func $cancel))
    (export "subtask-drop" (func $subtask-drop)) (export "set-new" (func $set-new))
    (export "set-wait" (func $set-wait)) (export "set-drop" (func $set-drop))
    (export "join" (func $join))))))
  (func (export "f") async (result (list s32))
    (canon lift (core func $core "f") (memory $memory))))
