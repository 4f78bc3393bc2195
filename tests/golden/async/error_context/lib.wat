;; Returns an error context.
(component
  (core module $libc
    (memory (export "memory") 1)
    (data (i32.const 64) "message"))
  (core instance $libc (instantiate $libc))
  (alias core export $libc "memory" (core memory $memory))
  (core func $new (canon error-context.new (memory $memory)))
  (core func $drop-error (canon error-context.drop))
  (core func $return (canon task.return (result error-context)))
  (core module $code
    (import "" "memory" (memory 1))
    (import "" "new" (func $new (param i32 i32) (result i32)))
    (import "" "drop-error" (func $drop-error (param i32)))
    (import "" "return" (func $return (param i32)))
    (func (export "fail")
      (local $error i32)
      (local.set $error (call $new (i32.const 64) (i32.const 7)))
      (call $return (local.get $error))
      (call $drop-error (local.get $error))))
  (core instance $core (instantiate $code (with "" (instance
    (export "memory" (memory $memory)) (export "new" (func $new))
    (export "drop-error" (func $drop-error)) (export "return" (func $return))))))
  (func $fail async (result error-context) (canon lift (core func $core "fail") async))
  (instance $lib (export "fail" (func $fail)))
  (export "x:y/lib" (instance $lib)))
