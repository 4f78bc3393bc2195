;; `go` waits for `ping` of `t:t/b`, which calls `pong` meanwhile.
(component
  (import "t:t/b" (instance $b (export "ping" (func async (param "n" u32) (result u32)))))
  (core module $libc (memory (export "memory") 1))
  (core instance $libc (instantiate $libc))
  (alias core export $libc "memory" (core memory $memory))
  (core func $ping (canon lower (func $b "ping") async (memory $memory)))
  (core func $new (canon waitable-set.new))
  (core func $join (canon waitable.join))
  (core func $wait (canon waitable-set.wait (memory $memory)))
  (core func $return (canon task.return (result u32)))
  (core module $code
    (import "" "memory" (memory 1))
    (import "" "ping" (func $ping (param i32 i32) (result i32)))
    (import "" "new" (func $new (result i32)))
    (import "" "join" (func $join (param i32 i32)))
    (import "" "wait" (func $wait (param i32 i32) (result i32)))
    (import "" "return" (func $return (param i32)))
    (func (export "go") (param $n i32)
      (local $status i32) (local $set i32)
      (local.set $status (call $ping (local.get $n) (i32.const 64)))
      ;; It cannot have returned: `pong` is called when this task waits.
      (if (i32.eq (local.get $status) (i32.const 2)) (then unreachable))
      (local.set $set (call $new))
      (call $join (i32.shr_u (local.get $status) (i32.const 4)) (local.get $set))
      (loop $again
        (drop (call $wait (local.get $set) (i32.const 32)))
        (br_if $again (i32.ne (i32.load (i32.const 36)) (i32.const 2)))) ;; RETURNED
      (call $return (i32.load (i32.const 64))))
    (func (export "pong") (param $n i32) (call $return (i32.add (local.get $n) (i32.const 100)))))
  (core instance $i (instantiate $code (with "" (instance
    (export "memory" (memory $memory)) (export "ping" (func $ping)) (export "new" (func $new))
    (export "join" (func $join)) (export "wait" (func $wait)) (export "return" (func $return))))))
  (func $pong async (param "n" u32) (result u32) (canon lift (core func $i "pong") async))
  (func (export "go") async (param "n" u32) (result u32) (canon lift (core func $i "go") async))
  (instance $out (export "pong" (func $pong)))
  (export "t:t/a" (instance $out)))
