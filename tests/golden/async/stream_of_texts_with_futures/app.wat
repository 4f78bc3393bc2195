;; Each item of a stream is a text and a future of a number, which comes after all items.
(component
  (type $number (future u32))
  (type $items (stream (tuple string $number)))
  (import "x:y/lib" (instance $lib
    (export "open" (func async (result (stream (tuple string $number)))))))
  (core module $libc
    (memory (export "memory") 1)
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
  (core func $read-number (canon future.read $number (memory $memory)))
  (core func $drop-number (canon future.drop-readable $number))
  (core module $code
    (import "" "memory" (memory 1))
    (import "" "open" (func $open (result i32)))
    (import "" "read" (func $read (param i32 i32 i32) (result i32)))
    (import "" "drop-readable" (func $drop-readable (param i32)))
    (import "" "read-number" (func $read-number (param i32 i32) (result i32)))
    (import "" "drop-number" (func $drop-number (param i32)))
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
    ;; The pointer to a string or list as a result.
    (func $pair (param $at i32) (param $size i32) (result i32)
      (i32.store (i32.const 16) (local.get $at))
      (i32.store (i32.const 20) (local.get $size))
      (i32.const 16))
    (func (export "f") (result i32)
      (local $i i32) (local $future i32)
      (call $expect (i32.const 3)
        (call $read-items (call $open) (i32.const 64) (i32.const 12)))
      ;; Each number takes the place of its future.
      (local.set $i (i32.const 36))
      (loop $next
        (local.set $i (i32.sub (local.get $i) (i32.const 12)))
        (local.set $future (i32.load offset=72 (local.get $i)))
        (call $expect (i32.const 0) ;; COMPLETED
          (call $read-number (local.get $future) (i32.add (local.get $i) (i32.const 72))))
        (call $drop-number (local.get $future))
        (br_if $next (local.get $i)))
      (call $pair (i32.const 64) (i32.const 3))))
  (core instance $core (instantiate $code (with "" (instance
    (export "memory" (memory $memory)) (export "open" (func $open)) (export "read" (func $read))
    (export "drop-readable" (func $drop-readable)) (export "read-number" (func $read-number))
    (export "drop-number" (func $drop-number))))))
  (func (export "f") async (result (list (tuple string u32)))
    (canon lift (core func $core "f") (memory $memory))))
