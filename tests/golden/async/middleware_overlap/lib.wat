;; A function that takes as many turns as it is asked for.
(component
  (core module $libc (memory (export "memory") 1))
  (core instance $libc (instantiate $libc))
  (alias core export $libc "memory" (core memory $memory))
  (core func $context (canon context.get i32 0))
  (core func $set-context (canon context.set i32 0))
  (core func $return (canon task.return (result u32)))
  (core module $code
    (import "" "memory" (memory 1))
    (import "" "context" (func $context (result i32)))
    (import "" "set-context" (func $set-context (param i32)))
    (import "" "return" (func $return (param i32)))
    ;; Yields a number of times, which is in the context of the task, and then returns that number.
    (func (export "slow") (param $turns i32) (result i32)
      (call $set-context (i32.or (i32.shl (local.get $turns) (i32.const 16)) (local.get $turns)))
      (i32.const 1)) ;; YIELD
    (func (export "slow-callback") (param i32 i32 i32) (result i32)
      (local $context i32)
      (local.set $context (i32.sub (call $context) (i32.const 1)))
      (call $set-context (local.get $context))
      (if (i32.and (local.get $context) (i32.const 0xffff)) (then (return (i32.const 1))))
      (call $return (i32.shr_u (local.get $context) (i32.const 16)))
      (i32.const 0))) ;; EXIT
  (core instance $core (instantiate $code (with "" (instance
    (export "memory" (memory $memory)) (export "context" (func $context))
    (export "set-context" (func $set-context)) (export "return" (func $return))))))
  (func $slow async (param "turns" u32) (result u32)
    (canon lift (core func $core "slow") async (callback (core func $core "slow-callback"))))
  (instance $lib (export "slow" (func $slow)))
  (export "x:y/lib" (instance $lib)))
