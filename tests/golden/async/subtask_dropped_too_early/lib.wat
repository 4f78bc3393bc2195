;; A function that waits for ever.
(component
  (core module $libc (memory (export "memory") 1))
  (core instance $libc (instantiate $libc))
  (alias core export $libc "memory" (core memory $memory))
  (core func $set-new (canon waitable-set.new))
  (core module $code
    (import "" "memory" (memory 1))
    (import "" "set-new" (func $set-new (result i32)))
    (func (export "sleep") (result i32)
      (i32.or (i32.const 2) (i32.shl (call $set-new) (i32.const 4)))) ;; WAIT
    (func (export "callback") (param i32 i32 i32) (result i32) unreachable))
  (core instance $core (instantiate $code (with "" (instance
    (export "memory" (memory $memory)) (export "set-new" (func $set-new))))))
  (func $sleep async (result u32)
    (canon lift (core func $core "sleep") async (callback (core func $core "callback"))))
  (instance $lib (export "sleep" (func $sleep)))
  (export "x:y/lib" (instance $lib)))
