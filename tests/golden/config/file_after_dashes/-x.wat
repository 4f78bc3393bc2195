;; A file that is called like a flag.
(component)
