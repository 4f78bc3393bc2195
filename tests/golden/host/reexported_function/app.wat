;; Exports a function that tests/bundles/example provides.
(component
  (import "hello" (func $hello (param "name" string) (result string)))
  (export "greet" (func $hello)))
