;; Drops a stream, and then waits for a set that nothing is in.
(component
  (type $bytes (stream u8))
  (core module $libc (memory (export "memory") 1))
  (core instance $libc (instantiate $libc))
  (alias core export $libc "memory" (core memory $memory))
  (core func $drop-readable (canon stream.drop-readable $bytes))
  (core func $set-new (canon waitable-set.new))
  (core func $set-wait (canon waitable-set.wait (memory $memory)))
  (core module $code
    (import "" "drop-readable" (func $drop-readable (param i32)))
    (import "" "set-new" (func $set-new (result i32)))
    (import "" "set-wait" (func $set-wait (param i32 i32) (result i32)))
    (func (export "take") (param $stream i32)
      (call $drop-readable (local.get $stream))
      (drop (call $set-wait (call $set-new) (i32.const 0)))))
  (core instance $core (instantiate $code (with "" (instance
    (export "drop-readable" (func $drop-readable)) (export "set-new" (func $set-new))
    (export "set-wait" (func $set-wait))))))
  (func (export "take") async (param "from" $bytes) (canon lift (core func $core "take") async)))
