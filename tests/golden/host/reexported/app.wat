;; Exports an interface that tests/bundles/example provides.
(component
  (import "example:host/runtime" (instance $runtime
    (export "hello" (func (param "name" string) (result string)))))
  (export "t:passed/runtime" (instance $runtime)))
