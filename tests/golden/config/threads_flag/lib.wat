;; Writes letters to a stream in steps: each function is one, and returns its status.
(component
  (type $bytes (stream u8))
  (core module $libc
    (memory (export "memory") 1)
    (data (i32.const 64) "abcdefghijkl"))
  (core instance $libc (instantiate $libc))
  (alias core export $libc "memory" (core memory $memory))
  (core func $new (canon stream.new $bytes))
  (core module $code
    (import "" "memory" (memory 1))
    (import "" "new" (func $new (result i64)))
    (func $readable (param $ends i64) (result i32) (i32.wrap_i64 (local.get $ends)))
    (func $writable (param $ends i64) (result i32)
      (i32.wrap_i64 (i64.shr_u (local.get $ends) (i64.const 32))))
    (global $writer (mut i32) (i32.const 0))
    (func (export "open") (result i32)
      (local $ends i64)
      (local.set $ends (call $new))
      (global.set $writer (call $writable (local.get $ends)))
      (call $readable (local.get $ends))))
  (core instance $core (instantiate $code (with "" (instance
    (export "memory" (memory $memory)) (export "new" (func $new))))))
  (func $open (result $bytes) (canon lift (core func $core "open")))
  (instance $lib (export "open" (func $open)))
  (export "x:y/lib" (instance $lib)))
