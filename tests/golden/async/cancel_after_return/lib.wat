;; A function that returns when another one is called.
(component
  (core module $libc (memory (export "memory") 1))
  (core instance $libc (instantiate $libc))
  (alias core export $libc "memory" (core memory $memory))
  (core func $return (canon task.return (result u32)))
  (core func $done (canon task.return))
  (core func $yield (canon thread.yield))
  (core module $code
    (import "" "memory" (memory 1))
    (import "" "return" (func $return (param i32)))
    (import "" "done" (func $done))
    (import "" "yield" (func $yield (result i32)))
    (global $value (mut i32) (i32.const 0))
    (func (export "sleep") (result i32) (i32.const 1)) ;; YIELD
    (func (export "callback") (param i32 i32 i32) (result i32)
      (if (i32.eqz (global.get $value)) (then (return (i32.const 1))))
      (call $return (global.get $value))
      (global.set $value (i32.const 0))
      (i32.const 0)) ;; EXIT
    ;; Returns when `sleep` has taken the value.
    (func (export "wake") (param $value i32)
      (global.set $value (local.get $value))
      (loop $again
        (drop (call $yield))
        (br_if $again (global.get $value)))
      (call $done)))
  (core instance $core (instantiate $code (with "" (instance
    (export "memory" (memory $memory)) (export "return" (func $return))
    (export "done" (func $done)) (export "yield" (func $yield))))))
  (func $sleep async (result u32)
    (canon lift (core func $core "sleep") async (callback (core func $core "callback"))))
  (func $wake async (param "with" u32) (canon lift (core func $core "wake") async))
  (instance $lib (export "sleep" (func $sleep)) (export "wake" (func $wake)))
  (export "x:y/lib" (instance $lib)))
