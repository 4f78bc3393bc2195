(component
  (import "acme:mid/files" (instance $files
    (export "file" (type $file (sub resource)))
    (export "count" (func (param "files" (list (borrow $file))) (result u32)))))
  (core module $m (func (export "run")))
  (core instance $i (instantiate $m))
  (func (export "run") (canon lift (core func $i "run"))))
