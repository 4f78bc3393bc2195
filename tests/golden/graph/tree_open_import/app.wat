;; Imports what nothing provides.
(component (import "acme:clock/now@1.0.0" (instance (export "get" (func (result u64))))))
