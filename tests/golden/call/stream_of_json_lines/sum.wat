;; Adds up the numbers of a stream.
(component
  (type $numbers (stream u32))
  (core module $libc (memory (export "memory") 1))
  (core instance $libc (instantiate $libc))
  (alias core export $libc "memory" (core memory $memory))
  (core func $read (canon stream.read $numbers (memory $memory)))
  (core func $drop-readable (canon stream.drop-readable $numbers))
  (core func $return (canon task.return (result u32)))
  (core module $code
    (import "" "memory" (memory 1))
    (import "" "read" (func $read (param i32 i32 i32) (result i32)))
    (import "" "drop-readable" (func $drop-readable (param i32)))
    (import "" "return" (func $return (param i32)))
    (func (export "sum") (param $numbers i32)
      (local $sum i32) (local $status i32) (local $count i32)
      (loop $next
        (local.set $status (call $read (local.get $numbers) (i32.const 0) (i32.const 8)))
        (local.set $count (i32.shr_u (local.get $status) (i32.const 4)))
        (block $done (loop $add
          (br_if $done (i32.eqz (local.get $count)))
          (local.set $count (i32.sub (local.get $count) (i32.const 1)))
          (local.set $sum (i32.add (local.get $sum)
            (i32.load (i32.mul (local.get $count) (i32.const 4)))))
          (br $add)))
        ;; COMPLETED: there may be more.
        (br_if $next (i32.eqz (i32.and (local.get $status) (i32.const 15)))))
      (call $drop-readable (local.get $numbers))
      (call $return (local.get $sum))))
  (core instance $core (instantiate $code (with "" (instance
    (export "memory" (memory $memory)) (export "read" (func $read))
    (export "drop-readable" (func $drop-readable)) (export "return" (func $return))))))
  (func (export "sum") async (param "numbers" $numbers) (result u32)
    (canon lift (core func $core "sum") async)))
