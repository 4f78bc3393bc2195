;; Passes a stream of its caller to `lib`.
(component
  (import "x:y/lib" (instance $lib
    (export "shout" (func async (param "from" (stream u8)) (result string)))))
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
  (core func $shout (canon lower (func $lib "shout") (memory $memory) (realloc $realloc)))
  (core module $code
    (import "" "memory" (memory 1))
    (import "" "shout" (func $shout (param i32 i32)))
    (func (export "shout") (param $stream i32) (result i32)
      (call $shout (local.get $stream) (i32.const 16))
      (i32.const 16)))
  (core instance $core (instantiate $code (with "" (instance
    (export "memory" (memory $memory)) (export "shout" (func $shout))))))
  (func $pass async (param "from" (stream u8)) (result string)
    (canon lift (core func $core "shout") (memory $memory)))
  (instance $mid (export "shout" (func $pass)))
  (export "x:y/mid" (instance $mid)))
