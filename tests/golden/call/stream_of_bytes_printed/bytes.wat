;; Returns a stream, then writes to it.
(component
  (type $bytes (stream u8))
  (core module $libc
    (memory (export "memory") 1)
    (data (i32.const 64) "written by lib"))
  (core instance $libc (instantiate $libc))
  (alias core export $libc "memory" (core memory $memory))
  (core func $new (canon stream.new $bytes))
  (core func $write (canon stream.write $bytes (memory $memory)))
  (core func $drop-writable (canon stream.drop-writable $bytes))
  (core func $return (canon task.return (result $bytes)))
  (core module $code
    (import "" "memory" (memory 1))
    (import "" "new" (func $new (result i64)))
    (import "" "write" (func $write (param i32 i32 i32) (result i32)))
    (import "" "drop-writable" (func $drop-writable (param i32)))
    (import "" "return" (func $return (param i32)))
    (func $readable (param $ends i64) (result i32) (i32.wrap_i64 (local.get $ends)))
    (func $writable (param $ends i64) (result i32)
      (i32.wrap_i64 (i64.shr_u (local.get $ends) (i64.const 32))))
    ;; Writes all bytes, in as many parts as the reader takes, and drops the writable end.
    (func $write-all (param $stream i32) (param $at i32) (param $size i32)
      (local $count i32)
      (loop $again
        (local.set $count (i32.shr_u
          (call $write (local.get $stream) (local.get $at) (local.get $size)) (i32.const 4)))
        (if (i32.eqz (local.get $count)) (then unreachable))
        (local.set $at (i32.add (local.get $at) (local.get $count)))
        (local.set $size (i32.sub (local.get $size) (local.get $count)))
        (br_if $again (local.get $size)))
      (call $drop-writable (local.get $stream)))
    (func (export "open")
      (local $ends i64)
      (local.set $ends (call $new))
      (call $return (call $readable (local.get $ends)))
      (call $write-all (call $writable (local.get $ends)) (i32.const 64) (i32.const 14))))
  (core instance $core (instantiate $code (with "" (instance
    (export "memory" (memory $memory)) (export "new" (func $new)) (export "write" (func $write))
    (export "drop-writable" (func $drop-writable)) (export "return" (func $return))))))
  (func $open async (result $bytes) (canon lift (core func $core "open") async))
  (instance $lib (export "open" (func $open)))
  (export "x:y/lib" (instance $lib)))
