;; Returns a stream, reads one of `lib` in parts of five bytes, and writes each part in brackets.
(component
  (import "x:y/lib" (instance $lib (export "open" (func async (result (stream u8))))))
  (type $bytes (stream u8))
  (core module $libc (memory (export "memory") 1))
  (core instance $libc (instantiate $libc))
  (alias core export $libc "memory" (core memory $memory))
  (core func $open (canon lower (func $lib "open")))
  (core func $new (canon stream.new $bytes))
  (core func $read (canon stream.read $bytes (memory $memory)))
  (core func $write (canon stream.write $bytes (memory $memory)))
  (core func $drop-readable (canon stream.drop-readable $bytes))
  (core func $drop-writable (canon stream.drop-writable $bytes))
  (core func $return (canon task.return (result $bytes)))
  (core module $code
    (import "" "memory" (memory 1))
    (import "" "open" (func $open (result i32)))
    (import "" "new" (func $new (result i64)))
    (import "" "read" (func $read (param i32 i32 i32) (result i32)))
    (import "" "write" (func $write (param i32 i32 i32) (result i32)))
    (import "" "drop-readable" (func $drop-readable (param i32)))
    (import "" "drop-writable" (func $drop-writable (param i32)))
    (import "" "return" (func $return (param i32)))
    (func $readable (param $ends i64) (result i32) (i32.wrap_i64 (local.get $ends)))
    (func $writable (param $ends i64) (result i32)
      (i32.wrap_i64 (i64.shr_u (local.get $ends) (i64.const 32))))
    ;; Writes all bytes at 64.
    (func $write-part (param $to i32) (param $size i32)
      (local $done i32)
      (loop $again
        (local.set $done (i32.add (local.get $done) (i32.shr_u
          (call $write (local.get $to) (i32.add (i32.const 64) (local.get $done))
            (i32.sub (local.get $size) (local.get $done)))
          (i32.const 4))))
        (br_if $again (i32.lt_u (local.get $done) (local.get $size)))))
    (func (export "open")
      (local $ends i64) (local $from i32) (local $to i32) (local $size i32) (local $status i32)
      (local.set $from (call $open))
      (local.set $ends (call $new))
      (call $return (call $readable (local.get $ends)))
      (local.set $to (call $writable (local.get $ends)))
      (i32.store8 (i32.const 64) (i32.const 0x5b)) ;; [
      (loop $again
        (local.set $size (i32.const 0))
        (loop $fill
          (local.set $status (call $read (local.get $from)
            (i32.add (i32.const 65) (local.get $size)) (i32.sub (i32.const 5) (local.get $size))))
          (local.set $size
            (i32.add (local.get $size) (i32.shr_u (local.get $status) (i32.const 4))))
          (br_if $fill (i32.and (i32.lt_u (local.get $size) (i32.const 5))
            (i32.eqz (i32.and (local.get $status) (i32.const 15))))))
        (if (local.get $size)
          (then
            (i32.store8 offset=65 (local.get $size) (i32.const 0x5d)) ;; ]
            (call $write-part (local.get $to) (i32.add (local.get $size) (i32.const 2)))))
        (br_if $again (i32.eqz (i32.and (local.get $status) (i32.const 15)))))
      (call $drop-readable (local.get $from))
      (call $drop-writable (local.get $to))))
  (core instance $core (instantiate $code (with "" (instance
    (export "memory" (memory $memory)) (export "open" (func $open)) (export "new" (func $new))
    (export "read" (func $read)) (export "write" (func $write))
    (export "drop-readable" (func $drop-readable)) (export "drop-writable" (func $drop-writable))
    (export "return" (func $return))))))
  (func $pass async (result $bytes) (canon lift (core func $core "open") async))
  (instance $mid (export "open" (func $pass)))
  (export "x:y/mid" (instance $mid)))
