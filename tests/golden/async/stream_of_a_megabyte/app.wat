;; Reads a megabyte from a stream in parts of different sizes, and adds the bytes.
(component
  (import "x:y/lib" (instance $lib (export "open" (func async (result (stream u8))))))
  (type $bytes (stream u8))
  (core module $libc (memory (export "memory") 1))
  (core instance $libc (instantiate $libc))
  (alias core export $libc "memory" (core memory $memory))
  (core func $open (canon lower (func $lib "open")))
  (core func $read (canon stream.read $bytes (memory $memory)))
  (core func $drop-readable (canon stream.drop-readable $bytes))
  (core module $code
    (import "" "memory" (memory 1))
    (import "" "open" (func $open (result i32)))
    (import "" "read" (func $read (param i32 i32 i32) (result i32)))
    (import "" "drop-readable" (func $drop-readable (param i32)))
    ;; Returns the number of bytes at 16, and their sum at 20.
    (func (export "f") (result i32)
      (local $stream i32) (local $status i32) (local $count i32) (local $part i32)
      (local.set $stream (call $open))
      (loop $again
        ;; The size of each part is between 1 and 8192.
        (local.set $part
          (i32.and (i32.const 8191)
            (i32.add (i32.mul (local.get $part) (i32.const 5)) (i32.const 77))))
        (local.set $status (call $read (local.get $stream) (i32.const 4096)
          (i32.add (local.get $part) (i32.const 1))))
        (local.set $count (i32.shr_u (local.get $status) (i32.const 4)))
        (i32.store (i32.const 16) (i32.add (i32.load (i32.const 16)) (local.get $count)))
        (block $added
          (loop $add
            (br_if $added (i32.eqz (local.get $count)))
            (local.set $count (i32.sub (local.get $count) (i32.const 1)))
            (i32.store (i32.const 20) (i32.add (i32.load (i32.const 20))
              (i32.load8_u offset=4096 (local.get $count))))
            (br $add)))
        (br_if $again (i32.eqz (i32.and (local.get $status) (i32.const 15)))))
      (call $drop-readable (local.get $stream))
      (i32.const 16)))
  (core instance $core (instantiate $code (with "" (instance
    (export "memory" (memory $memory)) (export "open" (func $open)) (export "read" (func $read))
    (export "drop-readable" (func $drop-readable))))))
  (func (export "f") async (result (tuple u32 u32))
    (canon lift (core func $core "f") (memory $memory))))
