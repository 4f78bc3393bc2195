;; Returns a stream with each byte of another plus one, as often as it is called.
(component
  (type $bytes (stream u8))
  (core module $libc (memory (export "memory") 1))
  (core instance $libc (instantiate $libc))
  (alias core export $libc "memory" (core memory $memory))
  (core func $new (canon stream.new $bytes))
  (core func $read (canon stream.read $bytes (memory $memory)))
  (core func $write (canon stream.write $bytes (memory $memory)))
  (core func $drop-readable (canon stream.drop-readable $bytes))
  (core func $drop-writable (canon stream.drop-writable $bytes))
  (core func $return (canon task.return (result $bytes)))
  (core module $code
    (import "" "memory" (memory 1))
    (import "" "new" (func $new (result i64)))
    (import "" "read" (func $read (param i32 i32 i32) (result i32)))
    (import "" "write" (func $write (param i32 i32 i32) (result i32)))
    (import "" "drop-readable" (func $drop-readable (param i32)))
    (import "" "drop-writable" (func $drop-writable (param i32)))
    (import "" "return" (func $return (param i32)))
    (func $readable (param $ends i64) (result i32) (i32.wrap_i64 (local.get $ends)))
    (func $writable (param $ends i64) (result i32)
      (i32.wrap_i64 (i64.shr_u (local.get $ends) (i64.const 32))))
    ;; Each task has a byte of its own, at the address of the number of its stream.
    (func (export "next") (param $from i32)
      (local $ends i64) (local $to i32)
      (local.set $ends (call $new))
      (local.set $to (call $writable (local.get $ends)))
      (call $return (call $readable (local.get $ends)))
      (block $end
        (loop $next
          (br_if $end (i32.eq (i32.const 0x01) ;; DROPPED
            (call $read (local.get $from) (local.get $from) (i32.const 1))))
          (i32.store8 (local.get $from)
            (i32.add (i32.load8_u (local.get $from)) (i32.const 1)))
          (br_if $end (i32.ne (i32.const 0x10) ;; COMPLETED, 1 byte
            (call $write (local.get $to) (local.get $from) (i32.const 1))))
          (br $next)))
      (call $drop-readable (local.get $from))
      (call $drop-writable (local.get $to))))
  (core instance $core (instantiate $code (with "" (instance
    (export "memory" (memory $memory)) (export "new" (func $new)) (export "read" (func $read))
    (export "write" (func $write)) (export "drop-readable" (func $drop-readable))
    (export "drop-writable" (func $drop-writable)) (export "return" (func $return))))))
  (func $next async (param "from" $bytes) (result $bytes)
    (canon lift (core func $core "next") async))
  (instance $lib (export "next" (func $next)))
  (export "x:y/lib" (instance $lib)))
