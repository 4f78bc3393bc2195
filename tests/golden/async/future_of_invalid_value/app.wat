;; `lib` writes an option with an invalid case to a future; its copy traps.
(component
  (import "x:y/lib" (instance $lib (export "open" (func async (result (future (option u8)))))))
  (type $items (future (option u8)))
  (core module $libc (memory (export "memory") 1))
  (core instance $libc (instantiate $libc))
  (alias core export $libc "memory" (core memory $memory))
  (core func $open (canon lower (func $lib "open")))
  (core func $read (canon future.read $items (memory $memory)))
  (core module $code
    (import "" "memory" (memory 1))
    (import "" "open" (func $open (result i32)))
    (import "" "read" (func $read (param i32 i32) (result i32)))

    (func (export "f") (result i32) (call $read (call $open) (i32.const 64))))
  (core instance $core (instantiate $code (with "" (instance
    (export "memory" (memory $memory)) (export "open" (func $open))
    (export "read" (func $read))))))
  (func (export "f") async (result u32) (canon lift (core func $core "f"))))
