;; A function returns an error context, whose debug message the app reads.
(component
  (import "x:y/lib" (instance $lib
    (export "fail" (func async (result error-context)))))
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
  (core func $fail (canon lower (func $lib "fail")))
  (core func $message (canon error-context.debug-message (memory $memory) (realloc $realloc)))
  (core func $drop-error (canon error-context.drop))
  (core module $code
    (import "" "memory" (memory 1))
    (import "" "fail" (func $fail (result i32)))
    (import "" "message" (func $message (param i32 i32)))
    (import "" "drop-error" (func $drop-error (param i32)))
    (func (export "f") (result i32)
      (local $error i32)
      (local.set $error (call $fail))
      (call $message (local.get $error) (i32.const 32))
      (call $drop-error (local.get $error))
      (i32.const 32)))
  (core instance $core (instantiate $code (with "" (instance
    (export "memory" (memory $memory)) (export "fail" (func $fail))
    (export "message" (func $message)) (export "drop-error" (func $drop-error))))))
  (func (export "f") async (result string)
    (canon lift (core func $core "f") (memory $memory))))
