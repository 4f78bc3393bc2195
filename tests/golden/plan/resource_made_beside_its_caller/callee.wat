;; `use` calls a method of the resource that it borrows.
(component
  (import "t:t/res" (instance $res
    (export "r" (type $r (sub resource)))
    (export "[method]r.get" (func (param "self" (borrow $r)) (result u32)))))
  (alias export $res "r" (type $r))
  (core func $get (canon lower (func $res "[method]r.get")))
  (core func $drop (canon resource.drop $r))
  (core module $code
    (import "" "get" (func $get (param i32) (result i32)))
    (import "" "drop" (func $drop (param i32)))
    (import "" "return" (func $return (param i32)))
    (func (export "use") (param $r i32) (local $n i32)
      (local.set $n (call $get (local.get $r)))
      (call $drop (local.get $r))
      (call $return (i32.add (local.get $n) (i32.const 1000)))))
  (core func $return (canon task.return (result u32)))
  (core instance $i (instantiate $code (with "" (instance (export "get" (func $get)) (export "drop" (func $drop)) (export "return" (func $return))))))
  (func $use async (param "x" (borrow $r)) (result u32) (canon lift (core func $i "use") async))
  (component $shape
    (import "r" (type $r (sub resource)))
    (import "use" (func $use async (param "x" (borrow $r)) (result u32)))
    (export $rr "r" (type $r))
    (export "use" (func $use) (func async (param "x" (borrow $rr)) (result u32))))
  (instance $svc (instantiate $shape (with "r" (type $r)) (with "use" (func $use))))
  (export "t:t/svc" (instance $svc)))
