;; A function that waits until it is cancelled; and how often it was.
(component
  (core module $libc (memory (export "memory") 1))
  (core instance $libc (instantiate $libc))
  (alias core export $libc "memory" (core memory $memory))
  (core func $set-new (canon waitable-set.new))
  (core func $cancel (canon task.cancel))
  (core module $code
    (import "" "memory" (memory 1))
    (import "" "set-new" (func $set-new (result i32)))
    (import "" "cancel" (func $cancel))
    (global $cancelled (mut i32) (i32.const 0))
    (func (export "cancelled") (result i32) (global.get $cancelled))
    (func (export "sleep") (result i32)
      (i32.or (i32.const 2) (i32.shl (call $set-new) (i32.const 4)))) ;; WAIT
    (func (export "callback") (param $event i32) (param i32 i32) (result i32)
      (if (i32.ne (local.get $event) (i32.const 6)) (then unreachable)) ;; TASK_CANCELLED
      (global.set $cancelled (i32.add (global.get $cancelled) (i32.const 1)))
      (call $cancel)
      (i32.const 0))) ;; EXIT
  (core instance $core (instantiate $code (with "" (instance
    (export "memory" (memory $memory)) (export "set-new" (func $set-new))
    (export "cancel" (func $cancel))))))
  (func $sleep async (result u32)
    (canon lift (core func $core "sleep") async (callback (core func $core "callback"))))
  (func $cancelled (result u32) (canon lift (core func $core "cancelled")))
  (instance $lib (export "sleep" (func $sleep)) (export "cancelled" (func $cancelled)))
  (export "x:y/lib" (instance $lib)))
