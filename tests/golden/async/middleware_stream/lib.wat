;; Writes 3 items to a stream that it has returned.
(component
  (type $mark (record (field "a" u8) (field "b" u32) (field "c" u64) (field "d" u16)))
  (type $items (stream $mark))
  (core module $libc
    (memory (export "memory") 1)
    (data (i32.const 64)
      "\01\ff\ff\ff\e8\03\00\00\00\10\a5\d4\e8\00\00\00\07\00\ff\ff\ff\ff\ff\ff"
      "\02\ff\ff\ff\d0\07\00\00\00\20\4a\a9\d1\01\00\00\0e\00\ff\ff\ff\ff\ff\ff"
      "\03\ff\ff\ff\b8\0b\00\00\00\30\ef\7d\ba\02\00\00\15\00\ff\ff\ff\ff\ff\ff"))
  (core instance $libc (instantiate $libc))
  (alias core export $libc "memory" (core memory $memory))
  (core func $new (canon stream.new $items))
  (core func $write (canon stream.write $items (memory $memory)))
  (core func $drop-writable (canon stream.drop-writable $items))
  (core func $return (canon task.return (result $items)))
  (core module $code
    (import "" "memory" (memory 1))
    (import "" "new" (func $new (result i64)))
    (import "" "write" (func $write (param i32 i32 i32) (result i32)))
    (import "" "drop-writable" (func $drop-writable (param i32)))
    (import "" "return" (func $return (param i32)))
    (func $readable (param $ends i64) (result i32) (i32.wrap_i64 (local.get $ends)))
    (func $writable (param $ends i64) (result i32)
      (i32.wrap_i64 (i64.shr_u (local.get $ends) (i64.const 32))))
    ;; Writes items of a size, in as many parts as the reader takes, and drops the writable end.
    (func $write-items (param $stream i32) (param $at i32) (param $size i32) (param $count i32)
      (local $done i32)
      (loop $again
        (local.set $done (i32.shr_u
          (call $write (local.get $stream) (local.get $at) (local.get $count)) (i32.const 4)))
        (if (i32.eqz (local.get $done)) (then unreachable))
        (local.set $at (i32.add (local.get $at) (i32.mul (local.get $done) (local.get $size))))
        (local.set $count (i32.sub (local.get $count) (local.get $done)))
        (br_if $again (local.get $count)))
      (call $drop-writable (local.get $stream)))
    (func (export "open")
      (local $ends i64)
      (local.set $ends (call $new))
      (call $return (call $readable (local.get $ends)))
      (call $write-items (call $writable (local.get $ends))
        (i32.const 64) (i32.const 24) (i32.const 3))))
  (core instance $core (instantiate $code (with "" (instance
    (export "memory" (memory $memory)) (export "new" (func $new)) (export "write" (func $write))
    (export "drop-writable" (func $drop-writable)) (export "return" (func $return))))))
  (func $open async (result $items) (canon lift (core func $core "open") async))
  (component $shim
    (type $def (record (field "a" u8) (field "b" u32) (field "c" u64) (field "d" u16)))
    (import "mark" (type $mark (eq $def)))
    (import "open" (func $open async (result (stream $mark))))
    (export $named "mark" (type $mark))
    (export "open" (func $open) (func async (result (stream $named)))))
  (instance $lib (instantiate $shim (with "mark" (type $mark)) (with "open" (func $open))))
  (export "x:y/lib" (instance $lib)))
