;; Strings: one with letters of two bytes, an empty one, and one that ends a part of two.
(component
  (import "x:y/lib" (instance $lib (export "open" (func async (result (stream string))))))
  (type $items (stream string))
  (core module $libc
    (memory (export "memory") 1)
    (global $top (mut i32) (i32.const 1024))
    (func (export "realloc") (param i32 i32 i32 i32) (result i32)
      (local $at i32)
      (local.set $at (i32.and (i32.add (global.get $top) (i32.const 7)) (i32.const -8)))
      ;; After many calls, from the start.
      (if (i32.gt_u (i32.add (local.get $at) (local.get 3)) (i32.const 65536))
        (then (local.set $at (i32.const 1024))))
      (global.set $top (i32.add (local.get $at) (local.get 3)))
      (local.get $at)))
  (core instance $libc (instantiate $libc))
  (alias core export $libc "memory" (core memory $memory))
  (alias core export $libc "realloc" (core func $realloc))
  (core func $open (canon lower (func $lib "open")))
  (core func $read (canon stream.read $items (memory $memory) (realloc $realloc)))
  (core func $drop-readable (canon stream.drop-readable $items))
  (core module $code
    (import "" "memory" (memory 1))
    (import "" "open" (func $open (result i32)))
    (import "" "read" (func $read (param i32 i32 i32) (result i32)))
    (import "" "drop-readable" (func $drop-readable (param i32)))
    ;; Reads items of a size, two at a time, until the other side has dropped its end. Returns how
    ;; many there are at the address.
    (func $read-items (param $stream i32) (param $at i32) (param $size i32) (result i32)
      (local $count i32) (local $status i32)
      (loop $again
        (local.set $status (call $read (local.get $stream)
          (i32.add (local.get $at) (i32.mul (local.get $count) (local.get $size))) (i32.const 2)))
        (local.set $count
          (i32.add (local.get $count) (i32.shr_u (local.get $status) (i32.const 4))))
        (br_if $again (i32.eqz (i32.and (local.get $status) (i32.const 15)))))
      (call $drop-readable (local.get $stream))
      (local.get $count))
    ;; The pointer to a string or list as a result.
    (func $pair (param $at i32) (param $size i32) (result i32)
      (i32.store (i32.const 16) (local.get $at))
      (i32.store (i32.const 20) (local.get $size))
      (i32.const 16))
    (func (export "f") (result i32)
      (call $pair (i32.const 64) (call $read-items (call $open) (i32.const 64) (i32.const 8)))))
  (core instance $core (instantiate $code (with "" (instance
    (export "memory" (memory $memory)) (export "open" (func $open)) (export "read" (func $read))
    (export "drop-readable" (func $drop-readable))))))
  (func (export "f") async (result (list string))
    (canon lift (core func $core "f") (memory $memory))))
