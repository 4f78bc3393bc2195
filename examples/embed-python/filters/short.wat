;; Refuses what is longer than 30 bytes, and says so in the log.
(component
  (import "acme:chat/log@1.0.0" (instance $log (export "write" (func (param "line" string)))))
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
  (core func $write (canon lower (func $log "write") (memory $libc "memory")))
  (core module $code
    (import "" "memory" (memory 2))
    (import "" "write" (func $write (param i32 i32)))
    (data (i32.const 64) "too long")
    (func (export "check") (param $user i32) (param $user-size i32) (param $text i32) (param $size i32) (result i32)
      (i32.store8 (i32.const 16) (i32.const 0))
      (i32.store8 (i32.const 20) (i32.const 0))
      (if (i32.gt_u (local.get $size) (i32.const 30))
        (then
          (call $write (local.get $text) (i32.const 30))
          (i32.store8 (i32.const 16) (i32.const 1))
          (i32.store (i32.const 20) (i32.const 64))
          (i32.store (i32.const 24) (i32.const 8))))
      (i32.const 16)))
  (core instance $core (instantiate $code (with "" (instance
    (export "memory" (memory $libc "memory")) (export "write" (func $write))))))
  (func $check (param "user" string) (param "text" string) (result (result (option string) (error string)))
    (canon lift (core func $core "check") (memory $libc "memory") (realloc (func $libc "realloc"))
      (post-return (func $libc "reset"))))
  (instance $filters (export "check" (func $check)))
  (export "acme:chat/filters@1.0.0" (instance $filters)))
