;; Crashes.
(component
  (core module $code
    (memory (export "memory") 1)
    (data (i32.const 64) "drafts are not published")
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 1024))
    (func (export "apply") (param i32 i32 i32 i32) (result i32)
      unreachable))
  (core instance $code (instantiate $code))
  (func $apply (param "path" string) (param "html" string) (result (result string (error string)))
    (canon lift (core func $code "apply") (memory $code "memory") (realloc (func $code "realloc"))))
  (instance $filter (export "apply" (func $apply)))
  (export "site:gen/filter" (instance $filter)))
