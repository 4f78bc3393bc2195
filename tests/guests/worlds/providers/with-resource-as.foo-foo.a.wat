;; Exports what the world `a` of the test `with-resource-as` imports: a resource of the root, and a
;; function that uses it.
(component
  (core module $code
    (memory (export "memory") 1)
    (func (export "new") (result i32) unreachable)
    (func (export "m") (param i32) unreachable)
    (func (export "sm") unreachable)
    (func (export "f") (param i32) (result i32) unreachable))
  (core instance $i (instantiate $code))
  (alias core export $i "memory" (core memory $memory))
  (type $made-r (resource (rep i32)))
  (export $r "r" (type $made-r))
  (func $new (result (own $r)) (canon lift (core func $i "new")))
  (export "[constructor]r" (func $new))
  (func $m (param "self" (borrow $r)) (canon lift (core func $i "m")))
  (export "[method]r.m" (func $m))
  (func $sm (canon lift (core func $i "sm")))
  (export "[static]r.sm" (func $sm))
  (func $f (param "x" (own $r)) (result (option (own $r)))
    (canon lift (core func $i "f") (memory $memory)))
  (export "f" (func $f)))
