;; Writes 8 bytes to a stream until a write waits, but at most 32,769 times, which is more than fits
;; into the default buffer.
(component
  (type $bytes (stream u8))
  (core module $libc (memory (export "memory") 1))
  (core instance $libc (instantiate $libc))
  (alias core export $libc "memory" (core memory $memory))
  (core func $new (canon stream.new $bytes))
  (core func $write (canon stream.write $bytes async (memory $memory)))
  (core module $code
    (import "" "memory" (memory 1))
    (import "" "new" (func $new (result i64)))
    (import "" "write" (func $write (param i32 i32 i32) (result i32)))
    (func $readable (param $ends i64) (result i32) (i32.wrap_i64 (local.get $ends)))
    (func $writable (param $ends i64) (result i32)
      (i32.wrap_i64 (i64.shr_u (local.get $ends) (i64.const 32))))
    (global $writer (mut i32) (i32.const 0))
    (func (export "open") (result i32)
      (local $ends i64)
      (local.set $ends (call $new))
      (global.set $writer (call $writable (local.get $ends)))
      (call $readable (local.get $ends)))
    ;; Returns the number of bytes that were written.
    (func (export "fill") (result i32)
      (local $status i32) (local $bytes i32) (local $writes i32)
      (block $waits
        (loop $again
          (local.set $status (call $write (global.get $writer) (i32.const 64) (i32.const 8)))
          (br_if $waits (i32.eq (local.get $status) (i32.const -1))) ;; BLOCKED
          (local.set $bytes (i32.add (local.get $bytes)
            (i32.shr_u (local.get $status) (i32.const 4))))
          (local.set $writes (i32.add (local.get $writes) (i32.const 1)))
          (br_if $again (i32.lt_u (local.get $writes) (i32.const 32769)))))
      (local.get $bytes)))
  (core instance $core (instantiate $code (with "" (instance
    (export "memory" (memory $memory)) (export "new" (func $new))
    (export "write" (func $write))))))
  (func $open (result $bytes) (canon lift (core func $core "open")))
  (func $fill (result u32) (canon lift (core func $core "fill")))
  (instance $lib (export "open" (func $open)) (export "fill" (func $fill)))
  (export "x:y/lib" (instance $lib)))
