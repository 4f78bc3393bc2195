;; `busy` has backpressure for some turns. `work` returns how many of them it has seen.
(component
  (core module $libc (memory (export "memory") 1))
  (core instance $libc (instantiate $libc))
  (alias core export $libc "memory" (core memory $memory))
  (core func $inc (canon backpressure.inc))
  (core func $dec (canon backpressure.dec))
  (core func $return (canon task.return))
  (core func $return-turns (canon task.return (result u32)))
  (core module $code
    (import "" "memory" (memory 1))
    (import "" "inc" (func $inc))
    (import "" "dec" (func $dec))
    (import "" "return" (func $return))
    (import "" "return-turns" (func $return-turns (param i32)))
    (global $turns (mut i32) (i32.const 0))
    (func (export "busy") (result i32) (call $inc) (i32.const 1)) ;; YIELD
    (func (export "busy-callback") (param i32 i32 i32) (result i32)
      (global.set $turns (i32.add (global.get $turns) (i32.const 1)))
      (if (i32.lt_u (global.get $turns) (i32.const 20)) (then (return (i32.const 1))))
      (call $dec)
      (call $return)
      (i32.const 0)) ;; EXIT
    (func (export "work") (result i32) (call $return-turns (global.get $turns)) (i32.const 0))
    (func (export "work-callback") (param i32 i32 i32) (result i32) unreachable))
  (core instance $core (instantiate $code (with "" (instance
    (export "memory" (memory $memory)) (export "inc" (func $inc)) (export "dec" (func $dec))
    (export "return" (func $return)) (export "return-turns" (func $return-turns))))))
  (func $busy async
    (canon lift (core func $core "busy") async (callback (core func $core "busy-callback"))))
  (func $work async (result u32)
    (canon lift (core func $core "work") async (callback (core func $core "work-callback"))))
  (instance $lib (export "busy" (func $busy)) (export "work" (func $work)))
  (export "x:y/lib" (instance $lib)))
