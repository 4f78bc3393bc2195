;; A call with a stream returns a stream, and data goes both ways while the call still runs: the
;; app writes one byte, and reads what `lib` made of it.
(component
  (import "x:y/lib" (instance $lib
    (export "upper" (func async (param "from" (stream u8)) (result (stream u8))))))
  (type $bytes (stream u8))
  (core module $libc
    (memory (export "memory") 1)
    (data (i32.const 64) "transform"))
  (core instance $libc (instantiate $libc))
  (alias core export $libc "memory" (core memory $memory))
  (core func $upper (canon lower (func $lib "upper")))
  (core func $new (canon stream.new $bytes))
  (core func $read (canon stream.read $bytes (memory $memory)))
  (core func $write (canon stream.write $bytes (memory $memory)))
  (core func $drop-readable (canon stream.drop-readable $bytes))
  (core func $drop-writable (canon stream.drop-writable $bytes))
  (core module $code
    (import "" "memory" (memory 1))
    (import "" "upper" (func $upper (param i32) (result i32)))
    (import "" "new" (func $new (result i64)))
    (import "" "read" (func $read (param i32 i32 i32) (result i32)))
    (import "" "write" (func $write (param i32 i32 i32) (result i32)))
    (import "" "drop-readable" (func $drop-readable (param i32)))
    (import "" "drop-writable" (func $drop-writable (param i32)))
    (func $readable (param $ends i64) (result i32) (i32.wrap_i64 (local.get $ends)))
    (func $writable (param $ends i64) (result i32)
      (i32.wrap_i64 (i64.shr_u (local.get $ends) (i64.const 32))))
    (func $expect (param $actual i32) (param $expected i32)
      (if (i32.ne (local.get $actual) (local.get $expected)) (then unreachable)))
    ;; The pointer to a string or list as a result.
    (func $pair (param $at i32) (param $size i32) (result i32)
      (i32.store (i32.const 16) (local.get $at))
      (i32.store (i32.const 20) (local.get $size))
      (i32.const 16))
    (func (export "f") (result i32)
      (local $ends i64) (local $to i32) (local $from i32) (local $i i32)
      (local.set $ends (call $new))
      (local.set $to (call $writable (local.get $ends)))
      (local.set $from (call $upper (call $readable (local.get $ends))))
      (loop $next
        (call $expect (i32.const 0x10) ;; COMPLETED, 1 byte
          (call $write (local.get $to) (i32.add (i32.const 64) (local.get $i)) (i32.const 1)))
        (call $expect (i32.const 0x10)
          (call $read (local.get $from) (i32.add (i32.const 128) (local.get $i)) (i32.const 100)))
        (local.set $i (i32.add (local.get $i) (i32.const 1)))
        (br_if $next (i32.lt_u (local.get $i) (i32.const 9))))
      (call $drop-writable (local.get $to))
      (call $expect (i32.const 0x01) ;; DROPPED
        (call $read (local.get $from) (i32.const 256) (i32.const 100)))
      (call $drop-readable (local.get $from))
      (call $pair (i32.const 128) (i32.const 9))))
  (core instance $core (instantiate $code (with "" (instance
    (export "memory" (memory $memory)) (export "upper" (func $upper)) (export "new" (func $new))
    (export "read" (func $read)) (export "write" (func $write))
    (export "drop-readable" (func $drop-readable))
    (export "drop-writable" (func $drop-writable))))))
  (func (export "f") async (result string)
    (canon lift (core func $core "f") (memory $memory))))
