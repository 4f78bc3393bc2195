;; Never returns.
(component
  (core module $libc
    (memory (export "memory") 2)
    (global $free (mut i32) (i32.const 1024))
    (func (export "realloc") (param i32 i32 i32) (param $size i32) (result i32) (local $at i32)
      (local.set $at (global.get $free))
      (global.set $free (i32.add (global.get $free) (local.get $size)))
      (local.get $at))
    ;; A call is over.
    (func (export "reset") (param i32) (global.set $free (i32.const 1024))))
  (core instance $libc (instantiate $libc))
  (core module $code
    (func (export "check") (param i32 i32 i32 i32) (result i32) (loop $forever (br $forever)) (unreachable)))
  (core instance $core (instantiate $code))
  (func $check (param "user" string) (param "text" string) (result (result (option string) (error string)))
    (canon lift (core func $core "check") (memory $libc "memory") (realloc (func $libc "realloc"))
      (post-return (func $libc "reset"))))
  (instance $filters (export "check" (func $check)))
  (export "acme:chat/filters@1.0.0" (instance $filters)))
