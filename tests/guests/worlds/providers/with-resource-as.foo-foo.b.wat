;; Exports what the world `b` of the test `with-resource-as` imports: a resource of the root, and a
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
  (type $made-s (resource (rep i32)))
  (export $s "s" (type $made-s))
  (func $new (result (own $s)) (canon lift (core func $i "new")))
  (export "[constructor]s" (func $new))
  (func $m (param "self" (borrow $s)) (canon lift (core func $i "m")))
  (export "[method]s.m" (func $m))
  (func $sm (canon lift (core func $i "sm")))
  (export "[static]s.sm" (func $sm))
  (func $f (param "x" (own $s)) (result (option (own $s)))
    (canon lift (core func $i "f") (memory $memory)))
  (export "f" (func $f)))
