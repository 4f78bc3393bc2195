# press:text/syntax in Python.
import re
from componentize_py_types import Err
from wit_world.exports.syntax import Token, TokenKind, Failure_UnknownLanguage

class Syntax:
    def languages(self): return ["py"]
    def highlight(self, language, source):
        if language != "py": raise Err(Failure_UnknownLanguage(language))
        return [Token(TokenKind.KEYWORD if t in ("def", "return") else TokenKind.PLAIN, t) for t in re.findall(r"\w+|\W+", source)]
