;; Makes files, and counts those in a list.
(component
  (component $make
    (type $file' (resource (rep i32)))
    (core module $m
      (memory (export "memory") 1)
      (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 16))
      (func (export "count") (param i32 i32) (result i32) (local.get 1)))
    (core instance $i (instantiate $m))
    (export $file "file" (type $file'))
    (func (export "count") (param "files" (list (borrow $file))) (result u32)
      (canon lift (core func $i "count") (memory $i "memory") (realloc (func $i "realloc")))))
  (instance $files (instantiate $make))
  (export "acme:base/files" (instance $files)))
