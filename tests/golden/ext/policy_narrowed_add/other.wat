;; Has nothing to do with the installed extensions, of which one breaks the policy.
(component
  (core module $code (func (export "f") (result i32) (i32.const 1)))
  (core instance $run (instantiate $code))
  (func $f (result u32) (canon lift (core func $run "f")))
  (instance $lib (export "f" (func $f)))
  (export "acme:other/lib" (instance $lib)))
