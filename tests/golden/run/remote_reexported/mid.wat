;; Exports what a remote unit provides.
(component
  (import "acme:a/x" (instance $x (export "f" (func (result u32)))))
  (export "acme:b/x" (instance $x)))
