;; A stream of `lib` goes back to it: then `lib` reads what it writes.
(component
  (import "x:y/lib" (instance $lib
    (export "open" (func (result (stream u8))))
    (export "text" (func async (param "from" (stream u8)) (result string)))))
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
  (core func $open (canon lower (func $lib "open")))
  (core func $text (canon lower (func $lib "text") (memory $memory) (realloc $realloc)))
  (core module $code
    (import "" "memory" (memory 1))
    (import "" "open" (func $open (result i32)))
    (import "" "text" (func $text (param i32 i32)))
    (func (export "f") (result i32)
      (call $text (call $open) (i32.const 32))
      (i32.const 32)))
  (core instance $core (instantiate $code (with "" (instance
    (export "memory" (memory $memory)) (export "open" (func $open))
    (export "text" (func $text))))))
  (func (export "f") async (result string)
    (canon lift (core func $core "f") (memory $memory))))
