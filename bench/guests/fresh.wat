;; A small stateless unit: each call gets an instance of its own.
(component
  (core module $m
    (memory 1)
    (data (i32.const 16) "a small component")
    (func (export "twice") (param i32) (result i32) (i32.add (local.get 0) (local.get 0))))
  (core instance $i (instantiate $m))
  (func (export "twice") (param "n" u32) (result u32) (canon lift (core func $i "twice"))))
