;; `first` takes turns within its core function. `second` returns whether the former has ended.
(component
  (core module $libc (memory (export "memory") 1))
  (core instance $libc (instantiate $libc))
  (alias core export $libc "memory" (core memory $memory))
  (core func $yield (canon thread.yield))
  (core func $return (canon task.return))
  (core func $return-ended (canon task.return (result u32)))
  (core module $code
    (import "" "memory" (memory 1))
    (import "" "yield" (func $yield (result i32)))
    (import "" "return" (func $return))
    (import "" "return-ended" (func $return-ended (param i32)))
    (global $ended (mut i32) (i32.const 0))
    (func (export "first") (result i32)
      (local $turns i32)
      (loop $again
        (drop (call $yield))
        (local.set $turns (i32.add (local.get $turns) (i32.const 1)))
        (br_if $again (i32.lt_u (local.get $turns) (i32.const 20))))
      (call $return)
      (global.set $ended (i32.const 1))
      (i32.const 0)) ;; EXIT
    (func (export "second") (result i32) (call $return-ended (global.get $ended)) (i32.const 0))
    (func (export "callback") (param i32 i32 i32) (result i32) unreachable))
  (core instance $core (instantiate $code (with "" (instance
    (export "memory" (memory $memory)) (export "yield" (func $yield))
    (export "return" (func $return)) (export "return-ended" (func $return-ended))))))
  (func $first async
    (canon lift (core func $core "first") async (callback (core func $core "callback"))))
  (func $second async (result u32)
    (canon lift (core func $core "second") async (callback (core func $core "callback"))))
  (instance $lib (export "first" (func $first)) (export "second" (func $second)))
  (export "x:y/lib" (instance $lib)))
