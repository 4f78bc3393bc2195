;; The app waits for a stream to which nothing will be written: the wait ends with an error.
(component
  (import "x:y/lib" (instance $lib
    (export "open" (func (result (stream u8))))))
  (type $bytes (stream u8))
  (core module $libc (memory (export "memory") 1))
  (core instance $libc (instantiate $libc))
  (alias core export $libc "memory" (core memory $memory))
  (core func $lib-open (canon lower (func $lib "open")))
  (core func $read (canon stream.read $bytes (memory $memory)))
  (core module $code
    (import "" "memory" (memory 1))
    (import "" "lib-open" (func $lib-open (result i32)))
    (import "" "read" (func $read (param i32 i32 i32) (result i32)))
    (func (export "f")
      (drop (call $read (call $lib-open) (i32.const 64) (i32.const 8)))))
  (core instance $core (instantiate $code (with "" (instance
    (export "memory" (memory $memory)) (export "lib-open" (func $lib-open))
    (export "read" (func $read))))))
  (func (export "f") async (canon lift (core func $core "f"))))
