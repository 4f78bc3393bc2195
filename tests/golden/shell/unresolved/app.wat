(component
  (import "acme:tax/lib@1.2.0" (instance (export "rate" (func (result u32))))))
