(component
  (import "acme:base/files" (instance $files
    (export "file" (type $file (sub resource)))
    (export "count" (func (param "files" (list (borrow $file))) (result u32)))))
  (export "acme:mid/files" (instance $files)))
