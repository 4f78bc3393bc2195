;; Calls the async `add` of remote_service.wat in bursts: starts `size` calls, and waits for all of them, until it
;; has made `n` calls. Returns the last result.
(component
  (import "bench:remote/tasks@0.1.0" (instance $tasks
    (export "add" (func async (param "a" u32) (param "b" u32) (result u32)))))
  (core module $libc (memory (export "memory") 1))
  (core instance $libc (instantiate $libc))
  (alias core export $libc "memory" (core memory $memory))
  (core func $add (canon lower (func $tasks "add") async (memory $memory)))
  (core func $subtask-drop (canon subtask.drop))
  (core func $set-new (canon waitable-set.new))
  (core func $set-wait (canon waitable-set.wait (memory $memory)))
  (core func $join (canon waitable.join))
  (core module $code
    (import "" "memory" (memory 1))
    (import "" "add" (func $add (param i32 i32 i32) (result i32)))
    (import "" "subtask-drop" (func $subtask-drop (param i32)))
    (import "" "set-new" (func $set-new (result i32)))
    (import "" "set-wait" (func $set-wait (param i32 i32) (result i32)))
    (import "" "join" (func $join (param i32 i32)))
    (global $set (mut i32) (i32.const 0))
    (global $pending (mut i32) (i32.const 0))
    (func $start (global.set $set (call $set-new)))
    (start $start)
    ;; The status of a call that was started: RETURNED (2), or the handle of a call in progress.
    (func $note (param $status i32)
      (if (i32.eq (i32.and (local.get $status) (i32.const 15)) (i32.const 2)) (then (return)))
      (call $join (i32.shr_u (local.get $status) (i32.const 4)) (global.get $set))
      (global.set $pending (i32.add (global.get $pending) (i32.const 1))))
    (func $wait-for-all
      (block $done (loop $next
        (br_if $done (i32.eqz (global.get $pending)))
        (if (i32.ne (call $set-wait (global.get $set) (i32.const 0)) (i32.const 1)) ;; SUBTASK
          (then unreachable))
        (br_if $next (i32.ne (i32.load (i32.const 4)) (i32.const 2))) ;; it has only started
        (call $subtask-drop (i32.load (i32.const 0)))
        (global.set $pending (i32.sub (global.get $pending) (i32.const 1)))
        (br $next))))
    (func (export "run-add") (param $n i32) (param $size i32) (result i32) (local $i i32)
      (loop $burst
        (local.set $i (i32.const 0))
        (loop $next
          (local.set $i (i32.add (local.get $i) (i32.const 1)))
          ;; The results are at 64.
          (call $note (call $add (local.get $i) (i32.const 3)
            (i32.add (i32.const 64) (i32.shl (local.get $i) (i32.const 2)))))
          (br_if $next (i32.lt_u (local.get $i) (local.get $size))))
        (call $wait-for-all)
        (local.set $n (i32.sub (local.get $n) (local.get $size)))
        (br_if $burst (i32.gt_s (local.get $n) (i32.const 0))))
      (i32.load offset=64 (i32.shl (local.get $size) (i32.const 2)))))
  (core instance $core (instantiate $code (with "" (instance
    (export "memory" (memory $memory)) (export "add" (func $add))
    (export "subtask-drop" (func $subtask-drop)) (export "set-new" (func $set-new))
    (export "set-wait" (func $set-wait)) (export "join" (func $join))))))
  (func (export "run-add") async (param "n" u32) (param "size" u32) (result u32)
    (canon lift (core func $core "run-add"))))
