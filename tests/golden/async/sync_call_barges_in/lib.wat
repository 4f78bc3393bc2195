;; `first` waits within its core function until `free` is called.
(component
  (core module $libc (memory (export "memory") 1))
  (core instance $libc (instantiate $libc))
  (alias core export $libc "memory" (core memory $memory))
  (core func $yield (canon thread.yield))
  (core func $return (canon task.return))
  (core module $code
    (import "" "memory" (memory 1))
    (import "" "yield" (func $yield (result i32)))
    (import "" "return" (func $return))
    (global $free (mut i32) (i32.const 0))
    (func (export "free") (global.set $free (i32.const 1)))
    (func (export "first") (result i32)
      (loop $again
        (drop (call $yield))
        (br_if $again (i32.eqz (global.get $free))))
      (call $return)
      (i32.const 0)) ;; EXIT
    (func (export "callback") (param i32 i32 i32) (result i32) unreachable))
  (core instance $core (instantiate $code (with "" (instance
    (export "memory" (memory $memory)) (export "yield" (func $yield))
    (export "return" (func $return))))))
  (func $first async
    (canon lift (core func $core "first") async (callback (core func $core "callback"))))
  (func $free (canon lift (core func $core "free")))
  (instance $lib (export "first" (func $first)) (export "free" (func $free)))
  (export "x:y/lib" (instance $lib)))
