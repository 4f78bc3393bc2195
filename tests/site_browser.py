#!/usr/bin/env python3
"""Opens examples/site in a real browser (Debian's chromium and chromium-driver), and looks at its pages as a reader sees
them: titles, links, text, and the style sheet.
"""
import contextlib
import http.client
import json
import os
import re
import shutil
import socket
import subprocess
import time

from http_server import serving
from processes import PATIENCE, ROOT, Skipped, expect, make_parser, need_program, run_test, running

SITE = os.path.join(ROOT, "examples", "site")
TOKEN = "a token of this test"
PAGE = """# Hello, *world*

A list:

- one & two
- `<three>`

```c
int main(void) { return 0; }
```
"""
HOSTILE = '# <script>document.title = "stolen"</script>\n\n<img src=x onerror="document.title = \'stolen\'">\n'


class Browser:
    """A session of chromedriver."""

    def __init__(self, port, profile):
        self.port = port
        flags = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", f"--user-data-dir={profile}"]
        options = {"goog:chromeOptions": {"binary": need_program("chromium"), "args": flags}}
        self.path = "/session/" + self.ask("POST", "/session", {"capabilities": {"alwaysMatch": options}})["sessionId"]

    def ask(self, method, path, body=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=4 * PATIENCE)
        with contextlib.closing(connection):
            connection.request(method, path, json.dumps(body or {}) if method == "POST" else None,
                               {"Content-Type": "application/json"})
            answer = json.loads(connection.getresponse().read())["value"]
        if isinstance(answer, dict) and "error" in answer:
            expect(False, f"chromedriver: {method} {path}", answer)
        return answer

    def open(self, url):
        self.ask("POST", f"{self.path}/url", {"url": url})

    def value(self, script):
        return self.ask("POST", f"{self.path}/execute/sync", {"script": f"return {script}", "args": []})

    def close(self):
        self.ask("DELETE", self.path)


@contextlib.contextmanager
def browsing(folder):
    driver = need_program("chromedriver")
    need_program("chromium")
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    with running([driver, f"--port={port}"], os.path.join(folder, "driver.log"), stdout=subprocess.DEVNULL):
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
                break
            time.sleep(0.05)
        browser = Browser(port, os.path.join(folder, "profile"))
        try:
            yield browser
        finally:
            browser.close()


def put(service, path, text):
    answer = service.ask("PUT", path, text.encode(), {"Authorization": f"Bearer {TOKEN}"})
    expect(answer[0] == 201, f"PUT {path}", answer)


def check_without_browser(service):
    answer = service.ask("PUT", "/hello", b"# No", {"Authorization": "Bearer another token"})
    expect(answer[0] == 403, "a wrong token changes nothing", answer)
    expect(service.ask("PUT", "/hello", b"# No")[0] == 403, "none changes nothing")
    expect(service.ask("GET", "/hello")[0] == 404, "and there is no page")
    expect(service.ask("POST", "/hello", b"")[0] == 405, "POST is not known")
    expect(service.ask("GET", "/%ff")[0] == 400, "a path that is not UTF-8 is refused")
    expect(service.ask("GET", "/%+1")[0] == 400, "and one with a broken escape")
    answer = service.ask("PUT", "/large", b"x" * (2 << 20), {"Authorization": f"Bearer {TOKEN}"})
    expect(answer[0] == 413, "a page that is too large is refused", answer)
    connection = service.connect()
    with contextlib.closing(connection):
        connection.request("HEAD", "/hello")
        answer = connection.getresponse()
        expect(answer.status == 404 and answer.read() == b"" and answer.getheader("content-type") == "text/html; charset=utf-8",
               "HEAD has the fields of GET", answer.getheaders())


def check_files(service):
    """No component answers these."""
    for name, kind in {"style.css": "text/css; charset=utf-8", "icon.svg": "image/svg+xml"}.items():
        with open(os.path.join(SITE, "public", name), "rb") as file:
            expected = file.read()
        with contextlib.closing(service.connect()) as connection:
            connection.request("GET", f"/public/{name}")
            answer = connection.getresponse()
            expect((answer.status, answer.getheader("content-type"), answer.read()) == (200, kind, expected),
                   f"{name} is the file of the folder", answer.getheaders())
            connection.request("GET", f"/public/{name}", headers={"If-None-Match": answer.getheader("etag")})
            expect(connection.getresponse().status == 304, f"{name} is not sent again")
    expect(service.ask("GET", "/public/none")[0] == 404 and service.ask("GET", "/public/../tenon.toml")[0] == 404,
           "nothing else is there")


def check(options, folder):
    os.environ["SITE_TOKEN"] = TOKEN
    with serving(options, folder, SITE, "--env", "SITE_TOKEN") as service:
        check_without_browser(service)
        check_files(service)
        if not (shutil.which("chromium") and shutil.which("chromedriver")):
            raise Skipped("chromium or chromedriver is not installed (the rest is fine)")
        names = {"/hello": PAGE, "/a%20b%3F%3Cc%3E": HOSTILE}
        for path, text in names.items():
            put(service, path, text)
        url = f"http://{service.host}:{service.port}"
        with browsing(folder) as browser:
            browser.open(url + "/")
            expect(browser.value("document.title") == "Pages", "the list has a title")
            links = browser.value("[...document.querySelectorAll('main a')].map((a) => [a.textContent, a.getAttribute('href')])")
            expect(sorted(links) == [["a b?<c>", "/a%20b%3F%3Cc%3E"], ["hello", "/hello"]], "and a link to each page", links)
            icon = browser.value("document.querySelector('link[rel=icon]').href")
            expect(icon == url + "/public/icon.svg", "there is an icon", icon)
            style = browser.value("getComputedStyle(document.body).maxWidth")
            expect(re.fullmatch(r"\d+(\.\d+)?px", style), "the style sheet is applied", style)
            browser.value("document.querySelector('a[href=\"/hello\"]').click()")
            end = time.monotonic() + PATIENCE
            while browser.value("document.title") != "hello" and time.monotonic() < end:
                time.sleep(0.05)
            expect(browser.value("document.title") == "hello", "a click leads to a page")
            found = browser.value("document.querySelector('h1').innerText")
            expect(found == "Hello, world", "its heading", found)
            found = browser.value("[...document.querySelectorAll('li')].map((item) => item.innerText)")
            expect(found == ["one & two", "<three>"], "its list", found)
            found = browser.value("[...document.querySelectorAll('pre i.k')].map((word) => word.innerText)")
            expect("int" in found and "return" in found, "its code is highlighted", found)
            found = browser.value("getComputedStyle(document.querySelector('pre i.k')).fontWeight")
            expect(found == "700", "by the style sheet", found)
            browser.open(url + "/a%20b%3F%3Cc%3E")
            expect(browser.value("document.title") == "a b?<c>", "a page with HTML in its name and its text runs no script",
                   browser.value("document.title"))


if __name__ == "__main__":
    raise SystemExit(run_test(make_parser(__doc__), check))
