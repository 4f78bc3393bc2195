;; Takes a stream, and fails on demand.
(component
  (core module $libc (memory (export "memory") 1))
  (core instance $libc (instantiate $libc))
  (alias core export $libc "memory" (core memory $memory))
  (core module $code
    (import "" "memory" (memory 1))
    (func (export "take") (param i32))
    (func (export "crash") (result i32) unreachable))
  (core instance $core (instantiate $code (with "" (instance
    (export "memory" (memory $memory))))))
  (func $take (param "from" (stream u8)) (canon lift (core func $core "take")))
  (func $crash (result (result (error string)))
    (canon lift (core func $core "crash") (memory $memory)))
  (instance $lib (export "take" (func $take)) (export "crash" (func $crash)))
  (export "x:y/lib" (instance $lib)))
