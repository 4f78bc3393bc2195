;; Lends its directory, gets a file of it, gives the file away, and returns its text.
(component $c
  (import "wasi:filesystem/types@0.2.0" (instance $types
    (export "descriptor" (type $d (sub resource)))
    (type $code (enum
      "access" "would-block" "already" "bad-descriptor" "busy" "deadlock" "quota" "exist"
      "file-too-large" "illegal-byte-sequence" "in-progress" "interrupted" "invalid" "io"
      "is-directory" "loop" "too-many-links" "message-size" "name-too-long" "no-device"
      "no-entry" "no-lock" "insufficient-memory" "insufficient-space" "not-directory"
      "not-empty" "not-recoverable" "unsupported" "no-tty" "no-such-device" "overflow"
      "not-permitted" "pipe" "read-only" "invalid-seek" "text-file-busy" "cross-device"))
    (export "error-code" (type $e (eq $code)))))
  (alias export $types "descriptor" (type $descriptor))
  (import "wasi:filesystem/preopens@0.2.0" (instance $preopens
    (alias outer $c $descriptor (type $outer))
    (export "descriptor" (type $d (eq $outer)))
    (export "get-directories" (func (result (list (tuple (own $d) string)))))))
  (import "t:t/files" (instance $files
    (alias outer $c $descriptor (type $outer))
    (export "descriptor" (type $d (eq $outer)))
    (export "open" (func (param "dir" (borrow $d)) (result (own $d))))
    (export "read-all" (func (param "file" (own $d)) (result string)))))
  (core module $libc
    (memory (export "memory") 1)
    (global $next (mut i32) (i32.const 4096))
    (func (export "realloc") (param i32 i32 i32) (param $size i32) (result i32)
      (global.set $next (i32.and (i32.add (global.get $next) (i32.const 7)) (i32.const -8)))
      (global.get $next)
      (global.set $next (i32.add (global.get $next) (local.get $size)))))
  (core instance $libc (instantiate $libc))
  (alias core export $libc "memory" (core memory $memory))
  (alias core export $libc "realloc" (core func $realloc))
  (core func $directories (canon lower (func $preopens "get-directories")
    (memory $memory) (realloc $realloc)))
  (core func $open (canon lower (func $files "open")))
  (core func $read-all (canon lower (func $files "read-all") (memory $memory) (realloc $realloc)))
  (core module $code
    (import "libc" "memory" (memory 1))
    (import "" "directories" (func $directories (param i32)))
    (import "" "open" (func $open (param i32) (result i32)))
    (import "" "read-all" (func $read-all (param i32 i32)))
    (func (export "text") (result i32)
      (call $directories (i32.const 16))
      (call $read-all (call $open (i32.load (i32.load (i32.const 16)))) (i32.const 16))
      (i32.const 16)))
  (core instance $code (instantiate $code (with "libc" (instance $libc))
    (with "" (instance (export "directories" (func $directories)) (export "open" (func $open))
      (export "read-all" (func $read-all))))))
  (func (export "text") (result string) (canon lift (core func $code "text") (memory $memory))))
