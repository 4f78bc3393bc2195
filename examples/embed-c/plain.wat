;; A plugin that logs what it gets, and returns it.
(component
  (import "acme:log/log" (instance $log (export "write" (func (param "line" string)))))
  (core module $libc
    (memory (export "memory") 1)
    (global $free (mut i32) (i32.const 1024))
    (func (export "realloc") (param i32 i32 i32) (param $size i32) (result i32) (local $at i32)
      (local.set $at (global.get $free))
      (global.set $free (i32.add (global.get $free) (local.get $size)))
      (local.get $at)))
  (core instance $libc (instantiate $libc))
  (core func $write (canon lower (func $log "write") (memory $libc "memory")))
  (core module $code
    (import "libc" "memory" (memory 1))
    (import "log" "write" (func $write (param i32 i32)))
    (func (export "echo") (param $text i32) (param $size i32) (result i32)
      (call $write (local.get $text) (local.get $size))
      (i32.store (i32.const 16) (local.get $text))
      (i32.store (i32.const 20) (local.get $size))
      (i32.const 16)))
  (core instance $core (instantiate $code (with "libc" (instance $libc))
    (with "log" (instance (export "write" (func $write))))))
  (func (export "echo") (param "s" string) (result string)
    (canon lift (core func $core "echo") (memory $libc "memory") (realloc (func $libc "realloc")))))
