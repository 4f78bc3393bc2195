;; Writes three strings to a stream that it has returned.
(component
  (type $items (stream string))
  (core module $libc
    (memory (export "memory") 1)
    (data (i32.const 64)
      "\00\02\00\00\05\00\00\00"
      "\00\00\00\00\00\00\00\00"
      "\05\02\00\00\05\00\00\00")
    (data (i32.const 512) "gr\c3\bcn" "\f0\9f\98\80!"))
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
    (func (export "open")
      (local $ends i64) (local $done i32)
      (local.set $ends (call $new))
      (call $return (call $readable (local.get $ends)))
      (loop $again
        (local.set $done (i32.add (local.get $done) (i32.shr_u (call $write
            (call $writable (local.get $ends))
            (i32.add (i32.const 64) (i32.mul (local.get $done) (i32.const 8)))
            (i32.sub (i32.const 3) (local.get $done)))
          (i32.const 4))))
        (br_if $again (i32.lt_u (local.get $done) (i32.const 3))))
      (call $drop-writable (call $writable (local.get $ends)))))
  (core instance $core (instantiate $code (with "" (instance
    (export "memory" (memory $memory)) (export "new" (func $new)) (export "write" (func $write))
    (export "drop-writable" (func $drop-writable)) (export "return" (func $return))))))
  (func $open async (result $items) (canon lift (core func $core "open") async))
  (instance $lib (export "open" (func $open)))
  (export "x:y/lib" (instance $lib)))
