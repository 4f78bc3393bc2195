;; Reads a stream of `mid`, which makes it of a stream of `lib`.
(component
  (import "x:y/mid" (instance $mid (export "open" (func async (result (stream u8))))))
  (type $bytes (stream u8))
  (core module $libc (memory (export "memory") 1))
  (core instance $libc (instantiate $libc))
  (alias core export $libc "memory" (core memory $memory))
  (core func $open (canon lower (func $mid "open")))
  (core func $read (canon stream.read $bytes (memory $memory)))
  (core func $drop-readable (canon stream.drop-readable $bytes))
  (core module $code
    (import "" "memory" (memory 1))
    (import "" "open" (func $open (result i32)))
    (import "" "read" (func $read (param i32 i32 i32) (result i32)))
    (import "" "drop-readable" (func $drop-readable (param i32)))
    ;; Reads bytes until the other side has dropped its end (1), and returns their number.
    (func $read-all (param $stream i32) (param $at i32) (result i32)
      (local $size i32) (local $status i32)
      (loop $again
        (local.set $status (call $read (local.get $stream)
          (i32.add (local.get $at) (local.get $size)) (i32.const 100)))
        (local.set $size (i32.add (local.get $size) (i32.shr_u (local.get $status) (i32.const 4))))
        (br_if $again (i32.eqz (i32.and (local.get $status) (i32.const 15)))))
      (call $drop-readable (local.get $stream))
      (local.get $size))
    ;; The pointer to a string or list as a result.
    (func $pair (param $at i32) (param $size i32) (result i32)
      (i32.store (i32.const 16) (local.get $at))
      (i32.store (i32.const 20) (local.get $size))
      (i32.const 16))
    (func (export "f") (result i32)
      (call $pair (i32.const 64) (call $read-all (call $open) (i32.const 64)))))
  (core instance $core (instantiate $code (with "" (instance
    (export "memory" (memory $memory)) (export "open" (func $open)) (export "read" (func $read))
    (export "drop-readable" (func $drop-readable))))))
  (func (export "f") async (result string)
    (canon lift (core func $core "f") (memory $memory))))
