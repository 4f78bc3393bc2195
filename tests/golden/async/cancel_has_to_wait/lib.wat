;; A function that returns when another one is called, and does not accept cancellation.
(component
  (core module $libc (memory (export "memory") 1))
  (core instance $libc (instantiate $libc))
  (alias core export $libc "memory" (core memory $memory))
  (core func $return (canon task.return (result u32)))
  (core func $yield (canon thread.yield))
  (core module $code
    (import "" "memory" (memory 1))
    (import "" "return" (func $return (param i32)))
    (import "" "yield" (func $yield (result i32)))
    (global $value (mut i32) (i32.const 0))
    (func (export "sleep")
      (loop $again
        (drop (call $yield)) ;; without `cancellable`
        (br_if $again (i32.eqz (global.get $value))))
      (call $return (global.get $value)))
    (func (export "wake") (param $value i32) (global.set $value (local.get $value))))
  (core instance $core (instantiate $code (with "" (instance
    (export "memory" (memory $memory)) (export "return" (func $return))
    (export "yield" (func $yield))))))
  (func $sleep async (result u32) (canon lift (core func $core "sleep") async))
  (func $wake (param "with" u32) (canon lift (core func $core "wake")))
  (instance $lib (export "sleep" (func $sleep)) (export "wake" (func $wake)))
  (export "x:y/lib" (instance $lib)))
