package acme:words;

interface words {
  record folder { files: set<string>, folders: map<string, self> }

  counts: func(words: list<string>) -> map<string, s64>;
  open: func(of: folder) -> set<list<u8>>;
}
