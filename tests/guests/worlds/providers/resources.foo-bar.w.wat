;; Exports what the world `w` of the test `resources` imports: resources of the root.
(component
  (core module $code (func (export "new") (result i32) unreachable))
  (core instance $i (instantiate $code))
  (type $made-a (resource (rep i32)))
  (export "a" (type $made-a))
  (type $made-b (resource (rep i32)))
  (export "b" (type $made-b))
  (type $made-c (resource (rep i32)))
  (export $c "c" (type $made-c))
  (func $new (result (own $c)) (canon lift (core func $i "new")))
  (export "[constructor]c" (func $new)))
