;; Writes everything in capitals. The result lies at 16: ok or err, then some or none, then text and size; of an error,
;; text and size come at once.
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
    (import "" "memory" (memory 2))
    (func (export "check") (param $user i32) (param $user-size i32) (param $text i32) (param $size i32) (result i32)
      (local $at i32) (local $byte i32)
      (local.set $at (local.get $text))
      (block $done
        (loop $next
          (br_if $done (i32.eq (local.get $at) (i32.add (local.get $text) (local.get $size))))
          (local.set $byte (i32.load8_u (local.get $at)))
          (if (i32.lt_u (i32.sub (local.get $byte) (i32.const 97)) (i32.const 26))
            (then (i32.store8 (local.get $at) (i32.sub (local.get $byte) (i32.const 32)))))
          (local.set $at (i32.add (local.get $at) (i32.const 1)))
          (br $next)))
      (i32.store8 (i32.const 16) (i32.const 0))
      (i32.store8 (i32.const 20) (i32.const 1))
      (i32.store (i32.const 24) (local.get $text))
      (i32.store (i32.const 28) (local.get $size))
      (i32.const 16)))
  (core instance $core (instantiate $code (with "" (instance (export "memory" (memory $libc "memory"))))))
  (func $check (param "user" string) (param "text" string) (result (result (option string) (error string)))
    (canon lift (core func $core "check") (memory $libc "memory") (realloc (func $libc "realloc"))
      (post-return (func $libc "reset"))))
  (instance $filters (export "check" (func $check)))
  (export "acme:chat/filters@1.0.0" (instance $filters)))
