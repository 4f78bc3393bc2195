;; Exports what a unit of another domain provides, and is served.
(component
  (import "acme:a/x" (instance $x (export "f" (func (result u32)))))
  (export "acme:b/x" (instance $x)))
