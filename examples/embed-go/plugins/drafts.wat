;; Refuses every page, by an error of its result.
(component
  (core module $code
    (memory (export "memory") 1)
    (data (i32.const 64) "drafts are not published")
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 1024))
    (func (export "apply") (param i32 i32 i32 i32) (result i32)
      (i32.store (i32.const 0) (i32.const 1))
      (i32.store (i32.const 4) (i32.const 64))
      (i32.store (i32.const 8) (i32.const 24))
      (i32.const 0)))
  (core instance $code (instantiate $code))
  (func $apply (param "path" string) (param "html" string) (result (result string (error string)))
    (canon lift (core func $code "apply") (memory $code "memory") (realloc (func $code "realloc"))))
  (instance $filter (export "apply" (func $apply)))
  (export "site:gen/filter" (instance $filter)))
