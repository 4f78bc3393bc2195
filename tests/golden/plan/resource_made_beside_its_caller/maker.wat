;; Makes `r`.
(component
  (type $r' (resource (rep i32)))
  (core func $new (canon resource.new $r'))
  (core module $code
    (import "" "new" (func $new (param i32) (result i32)))
    (func (export "make") (param i32) (result i32) (call $new (local.get 0)))
    (func (export "get") (param i32) (result i32) (local.get 0)))
  (core instance $i (instantiate $code (with "" (instance (export "new" (func $new))))))
  (func $make (param "n" u32) (result (own $r')) (canon lift (core func $i "make")))
  (func $get (param "self" (borrow $r')) (result u32) (canon lift (core func $i "get")))
  (component $shape
    (import "r" (type $r (sub resource)))
    (import "[constructor]r" (func $make (param "n" u32) (result (own $r))))
    (import "[method]r.get" (func $get (param "self" (borrow $r)) (result u32)))
    (export $rr "r" (type $r))
    (export "[constructor]r" (func $make) (func (param "n" u32) (result (own $rr))))
    (export "[method]r.get" (func $get) (func (param "self" (borrow $rr)) (result u32))))
  (instance $res (instantiate $shape (with "r" (type $r')) (with "[constructor]r" (func $make)) (with "[method]r.get" (func $get))))
  (export "t:t/res" (instance $res)))
