;; Returns a number, and counts to it after that.
(component
  (core module $libc (memory (export "memory") 1))
  (core instance $libc (instantiate $libc))
  (alias core export $libc "memory" (core memory $memory))
  (core func $return (canon task.return (result u32)))
  (core module $code
    (import "" "memory" (memory 1))
    (import "" "return" (func $return (param i32)))
    (global $count (mut i32) (i32.const 0))
    (global $to (mut i32) (i32.const 0))
    (func (export "count") (result i32) (global.get $count))
    (func (export "start") (param $to i32) (result i32)
      (global.set $to (local.get $to))
      (call $return (local.get $to))
      (i32.const 1)) ;; YIELD
    (func (export "callback") (param i32 i32 i32) (result i32)
      (global.set $count (i32.add (global.get $count) (i32.const 1)))
      (i32.lt_u (global.get $count) (global.get $to)))) ;; YIELD, or EXIT at the end
  (core instance $core (instantiate $code (with "" (instance
    (export "memory" (memory $memory)) (export "return" (func $return))))))
  (func $start async (param "to" u32) (result u32)
    (canon lift (core func $core "start") async (callback (core func $core "callback"))))
  (func $count (result u32) (canon lift (core func $core "count")))
  (instance $lib (export "start" (func $start)) (export "count" (func $count)))
  (export "x:y/lib" (instance $lib)))
