;; Items with much memory of their own: three lists of 100000 bytes. The app adds their bytes.
(component
  (import "x:y/lib" (instance $lib
    (export "open" (func async (result (stream (list u8)))))))
  (type $items (stream (list u8)))
  (core module $libc
    (memory (export "memory") 8)
    (global $top (mut i32) (i32.const 1024))
    (func (export "realloc") (param i32 i32 i32 i32) (result i32)
      (local $at i32)
      (local.set $at (i32.and (i32.add (global.get $top) (i32.const 7)) (i32.const -8)))
      (global.set $top (i32.add (local.get $at) (local.get 3)))
      (local.get $at)))
  (core instance $libc (instantiate $libc))
  (alias core export $libc "memory" (core memory $memory))
  (alias core export $libc "realloc" (core func $realloc))
  (core func $open (canon lower (func $lib "open")))
  (core func $read (canon stream.read $items (memory $memory) (realloc $realloc)))
  (core func $drop-readable (canon stream.drop-readable $items))
  (core module $code
    (import "" "memory" (memory 8))
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
    (func $expect (param $actual i32) (param $expected i32)
      (if (i32.ne (local.get $actual) (local.get $expected)) (then unreachable)))
    ;; Returns the sizes of the lists and the sum of all bytes, at 16.
    (func (export "f") (result i32)
      (local $i i32) (local $at i32) (local $end i32)
      (call $expect (i32.const 3)
        (call $read-items (call $open) (i32.const 64) (i32.const 8)))
      (loop $next
        (local.set $at (i32.load offset=64 (i32.mul (local.get $i) (i32.const 8))))
        (local.set $end (i32.load offset=68 (i32.mul (local.get $i) (i32.const 8))))
        (i32.store (i32.const 16) (i32.add (i32.load (i32.const 16)) (local.get $end)))
        (local.set $end (i32.add (local.get $at) (local.get $end)))
        (loop $add
          (i32.store (i32.const 20)
            (i32.add (i32.load (i32.const 20)) (i32.load8_u (local.get $at))))
          (local.set $at (i32.add (local.get $at) (i32.const 1)))
          (br_if $add (i32.lt_u (local.get $at) (local.get $end))))
        (local.set $i (i32.add (local.get $i) (i32.const 1)))
        (br_if $next (i32.lt_u (local.get $i) (i32.const 3))))
      (i32.const 16)))
  (core instance $core (instantiate $code (with "" (instance
    (export "memory" (memory $memory)) (export "open" (func $open)) (export "read" (func $read))
    (export "drop-readable" (func $drop-readable))))))
  (func (export "f") async (result (tuple u32 u32))
    (canon lift (core func $core "f") (memory $memory))))
