;; The app drops a call that has not returned, which traps.
(component
  (import "x:y/lib" (instance $lib
    (export "sleep" (func async (result u32)))))
  (core module $libc (memory (export "memory") 1))
  (core instance $libc (instantiate $libc))
  (alias core export $libc "memory" (core memory $memory))
  (core func $sleep (canon lower (func $lib "sleep") async (memory $memory)))
  (core func $subtask-drop (canon subtask.drop))
  (core module $code
    (import "" "memory" (memory 1))
    (import "" "sleep" (func $sleep (param i32) (result i32)))
    (import "" "subtask-drop" (func $subtask-drop (param i32)))
    ;; The handle of a call that has not returned, if its state is the expected one: STARTING (0) or
    ;; STARTED (1).
    (func $task (param $status i32) (param $state i32) (result i32)
      (if (i32.ne (i32.and (local.get $status) (i32.const 15)) (local.get $state))
        (then unreachable))
      (i32.shr_u (local.get $status) (i32.const 4)))
    (func (export "f")
      (call $subtask-drop (call $task (call $sleep (i32.const 64)) (i32.const 1))))) ;; STARTED
  (core instance $core (instantiate $code (with "" (instance
    (export "memory" (memory $memory)) (export "sleep" (func $sleep))
    (export "subtask-drop" (func $subtask-drop))))))
  (func (export "f") async (canon lift (core func $core "f"))))
