(component
  (import "acme:tax/lib@1.0.0" (instance (export "rate" (func (result u32)))))
  (import "wasi:cli/environment@0.2.6" (instance
    (export "get-arguments" (func (result (list string))))))
  (import "wasi:cli/exit@0.2.6" (instance (export "exit" (func (param "status" (result)))))))
