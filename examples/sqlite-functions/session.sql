-- Functions of words.wat in SQL.
SELECT tenon_load('words', 'examples/sqlite-functions/words.wat');
SELECT words_area(3, 4), words_vowels('banana');
SELECT words_half(42), words_half(7);
-- It traps.
SELECT words_fail();
SELECT words_vowels('again');
