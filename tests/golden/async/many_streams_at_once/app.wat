;; Sixteen calls with a stream and a stream as result are in use at once, for three rounds.
(component
  (import "x:y/lib" (instance $lib
    (export "next" (func async (param "from" (stream u8)) (result (stream u8))))))
  (type $bytes (stream u8))
  (core module $libc (memory (export "memory") 1))
  (core instance $libc (instantiate $libc))
  (alias core export $libc "memory" (core memory $memory))
  (core func $next (canon lower (func $lib "next")))
  (core func $new (canon stream.new $bytes))
  (core func $read (canon stream.read $bytes (memory $memory)))
  (core func $write (canon stream.write $bytes (memory $memory)))
  (core func $drop-readable (canon stream.drop-readable $bytes))
  (core func $drop-writable (canon stream.drop-writable $bytes))
  (core module $code
    (import "" "memory" (memory 1))
    (import "" "next" (func $next (param i32) (result i32)))
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
      (local $ends i64) (local $i i32) (local $at i32) (local $sent i32) (local $received i32)
      ;; The writable ends are at 256, the readable ones of the results at 320.
      (loop $open
        (local.set $ends (call $new))
        (local.set $at (i32.mul (local.get $i) (i32.const 4)))
        (i32.store offset=256 (local.get $at) (call $writable (local.get $ends)))
        (i32.store offset=320 (local.get $at) (call $next (call $readable (local.get $ends))))
        (local.set $i (i32.add (local.get $i) (i32.const 1)))
        (br_if $open (i32.lt_u (local.get $i) (i32.const 16))))
      ;; In each round, a letter goes to each stream, and they come back in the opposite order.
      (loop $round
        (local.set $i (i32.const 0))
        (loop $send
          (i32.store8 (i32.const 32)
            (i32.add (i32.const 97) (i32.rem_u (local.get $sent) (i32.const 25))))
          (call $expect (i32.const 0x10) ;; COMPLETED, 1 byte
            (call $write (i32.load offset=256 (i32.mul (local.get $i) (i32.const 4)))
              (i32.const 32) (i32.const 1)))
          (local.set $sent (i32.add (local.get $sent) (i32.const 1)))
          (local.set $i (i32.add (local.get $i) (i32.const 1)))
          (br_if $send (i32.lt_u (local.get $i) (i32.const 16))))
        (loop $receive
          (local.set $i (i32.sub (local.get $i) (i32.const 1)))
          (call $expect (i32.const 0x10)
            (call $read (i32.load offset=320 (i32.mul (local.get $i) (i32.const 4)))
              (i32.add (i32.const 64) (local.get $received)) (i32.const 1)))
          (local.set $received (i32.add (local.get $received) (i32.const 1)))
          (br_if $receive (local.get $i)))
        (br_if $round (i32.lt_u (local.get $sent) (i32.const 48))))
      (local.set $at (i32.const 0))
      (loop $end
        (call $drop-writable (i32.load offset=256 (local.get $at)))
        (call $expect (i32.const 0x01) ;; DROPPED
          (call $read (i32.load offset=320 (local.get $at)) (i32.const 32) (i32.const 1)))
        (call $drop-readable (i32.load offset=320 (local.get $at)))
        (local.set $at (i32.add (local.get $at) (i32.const 4)))
        (br_if $end (i32.lt_u (local.get $at) (i32.const 64))))
      (call $pair (i32.const 64) (local.get $received))))
  (core instance $core (instantiate $code (with "" (instance
    (export "memory" (memory $memory)) (export "next" (func $next)) (export "new" (func $new))
    (export "read" (func $read)) (export "write" (func $write))
    (export "drop-readable" (func $drop-readable))
    (export "drop-writable" (func $drop-writable))))))
  (func (export "f") async (result string)
    (canon lift (core func $core "f") (memory $memory))))
