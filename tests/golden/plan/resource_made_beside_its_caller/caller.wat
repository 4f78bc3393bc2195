;; Lends a resource of `maker` to `callee`, and waits asynchronously.
(component
  (import "t:t/res" (instance $res
    (export "r" (type $r (sub resource)))
    (export "[constructor]r" (func (param "n" u32) (result (own $r))))))
  (alias export $res "r" (type $r))
  (import "t:t/svc" (instance $svc
    (export "r" (type $rr (eq $r)))
    (export "use" (func async (param "x" (borrow $rr)) (result u32)))))
  (core module $libc (memory (export "memory") 1))
  (core instance $libc (instantiate $libc))
  (alias core export $libc "memory" (core memory $memory))
  (core func $use (canon lower (func $svc "use") async (memory $memory)))
  (core func $make (canon lower (func $res "[constructor]r")))
  (core func $drop (canon resource.drop $r))
  (core func $new (canon waitable-set.new))
  (core func $join (canon waitable.join))
  (core func $wait (canon waitable-set.wait (memory $memory)))
  (core func $return (canon task.return (result u32)))
  (core module $code
    (import "" "memory" (memory 1))
    (import "" "use" (func $use (param i32 i32) (result i32)))
    (import "" "make" (func $make (param i32) (result i32)))
    (import "" "drop" (func $drop (param i32)))
    (import "" "new" (func $new (result i32)))
    (import "" "join" (func $join (param i32 i32)))
    (import "" "wait" (func $wait (param i32 i32) (result i32)))
    (import "" "return" (func $return (param i32)))
    (func (export "go") (param $n i32)
      (local $status i32) (local $set i32) (local $r i32)
      (local.set $r (call $make (local.get $n)))
      (local.set $status (call $use (local.get $r) (i32.const 64)))
      (if (i32.ne (local.get $status) (i32.const 2)) (then
        (local.set $set (call $new))
        (call $join (i32.shr_u (local.get $status) (i32.const 4)) (local.get $set))
        (loop $again
          (drop (call $wait (local.get $set) (i32.const 32)))
          (br_if $again (i32.ne (i32.load (i32.const 36)) (i32.const 2))))))
      (call $drop (local.get $r))
      (call $return (i32.load (i32.const 64)))))
  (core instance $i (instantiate $code (with "" (instance
    (export "memory" (memory $memory)) (export "use" (func $use)) (export "make" (func $make)) (export "drop" (func $drop)) (export "new" (func $new))
    (export "join" (func $join)) (export "wait" (func $wait)) (export "return" (func $return))))))
  (func (export "go") async (param "n" u32) (result u32) (canon lift (core func $i "go") async)))
