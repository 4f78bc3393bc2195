;; Counts the bytes of a stream that goes to `lib` twice: `copy` reads it, and `bytes` reads the copy,
;; which is a field of its parameter.
(component
  (type $bytes (stream u8))
  (import "x:y/lib" (instance $lib
    (type $upload' (record (field "name" string) (field "body" $bytes)))
    (export "upload" (type $upload (eq $upload')))
    (export "bytes" (func async (param "upload" $upload) (result (result u64 (error string)))))
    (export "copy" (func (param "from" $bytes) (result $bytes)))))
  (core module $libc
    (memory (export "memory") 4)
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 1024)))
  (core instance $libc (instantiate $libc))
  (alias core export $libc "memory" (core memory $memory))
  (alias core export $libc "realloc" (core func $realloc))
  (core func $count (canon lower (func $lib "bytes") async (memory $memory) (realloc $realloc)))
  (core func $copy (canon lower (func $lib "copy")))
  (core func $new (canon stream.new $bytes))
  (core func $write (canon stream.write $bytes (memory $memory)))
  (core func $drop-writable (canon stream.drop-writable $bytes))
  (core func $subtask-drop (canon subtask.drop))
  (core func $set-new (canon waitable-set.new))
  (core func $set-wait (canon waitable-set.wait (memory $memory)))
  (core func $join (canon waitable.join))
  (core module $code
    (import "" "memory" (memory 4))
    (import "" "count" (func $count (param i32 i32 i32 i32) (result i32)))
    (import "" "copy" (func $copy (param i32) (result i32)))
    (import "" "new" (func $new (result i64)))
    (import "" "write" (func $write (param i32 i32 i32) (result i32)))
    (import "" "drop-writable" (func $drop-writable (param i32)))
    (import "" "subtask-drop" (func $subtask-drop (param i32)))
    (import "" "set-new" (func $set-new (result i32)))
    (import "" "set-wait" (func $set-wait (param i32 i32) (result i32)))
    (import "" "join" (func $join (param i32 i32)))
    ;; name: of so many bytes. Writes 100,000 bytes.
    (func (export "f") (param $name i32) (result i32)
      (local $ends i64) (local $writer i32) (local $status i32) (local $set i32)
      (local $left i32) (local $written i32)
      (local.set $ends (call $new))
      (local.set $writer (i32.wrap_i64 (i64.shr_u (local.get $ends) (i64.const 32))))
      (local.set $status (call $count (i32.const 64) (local.get $name)
        (call $copy (i32.wrap_i64 (local.get $ends))) (i32.const 32)))
      (local.set $left (i32.const 100000))
      (block $done (loop $next
        (br_if $done (i32.le_s (local.get $left) (i32.const 0)))
        (local.set $written (call $write (local.get $writer) (i32.const 2048)
          (select (local.get $left) (i32.const 1000) (i32.lt_s (local.get $left) (i32.const 1000)))))
        ;; DROPPED (1): nobody reads. Otherwise the number of bytes, in the upper bits.
        (br_if $done (i32.and (local.get $written) (i32.const 1)))
        (local.set $left
          (i32.sub (local.get $left) (i32.shr_u (local.get $written) (i32.const 4))))
        (br $next)))
      (call $drop-writable (local.get $writer))
      (if (i32.ne (local.get $status) (i32.const 2)) ;; RETURNED
        (then
          (local.set $set (call $set-new))
          (call $join (i32.shr_u (local.get $status) (i32.const 4)) (local.get $set))
          (drop (call $set-wait (local.get $set) (i32.const 0)))
          (call $subtask-drop (i32.load (i32.const 0)))))
      (i32.const 32)))
  (core instance $core (instantiate $code (with "" (instance
    (export "memory" (memory $memory)) (export "count" (func $count)) (export "copy" (func $copy))
    (export "new" (func $new)) (export "write" (func $write))
    (export "drop-writable" (func $drop-writable)) (export "subtask-drop" (func $subtask-drop))
    (export "set-new" (func $set-new)) (export "set-wait" (func $set-wait))
    (export "join" (func $join))))))
  (func (export "f") async (param "name" u32) (result (result u64 (error string)))
    (canon lift (core func $core "f") (memory $memory))))
