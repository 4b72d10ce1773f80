# SPDX-License-Identifier: GPL-2.0-only
"""A headless browser, by WebDriver: the distribution's chromium and chromedriver."""

import base64
import contextlib
import json
import os
import re
import shutil
import signal
import subprocess
import tempfile
import urllib.request

# No sandbox: in containers, and as root, there is none to be had.
ARGUMENTS = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
             "--force-device-scale-factor=1", "--force-color-profile=srgb"]


class Browser:
    def __init__(self, base):
        self.base = base
        answer = self.request("POST", "/session", {"capabilities": {"alwaysMatch": {
            "goog:chromeOptions": {"args": ARGUMENTS},
            "goog:loggingPrefs": {"browser": "ALL"}}}})
        self.session = "/session/" + answer["sessionId"]

    def request(self, method, path, body=None):
        request = urllib.request.Request(self.base + path, method=method,
                                         data=None if body is None else json.dumps(body).encode(),
                                         headers={"Content-Type": "application/json"})
        try:
            with urllib.request.urlopen(request, timeout=120) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as e:
            raise RuntimeError(json.load(e)["value"]["message"].splitlines()[0]) from None

    def open(self, path, width, height):
        self.request("POST", self.session + "/window/rect", {"width": width, "height": height})
        self.request("POST", self.session + "/url", {"url": "file://" + path})

    def run(self, script, *arguments):
        return self.request("POST", self.session + "/execute/sync", {"script": script, "args": list(arguments)})

    def settle(self):
        """Waits until what was asked to be drawn is."""
        self.request("POST", self.session + "/execute/async", {"args": [], "script":
                     "const done = arguments[0];"
                     "requestAnimationFrame(() => requestAnimationFrame(() => done()));"})

    def actions(self, *sources):
        self.request("POST", self.session + "/actions", {"actions": list(sources)})
        self.settle()

    def move(self, x, y, *more):
        """The pointer to a place of the page, and what it does there."""
        self.actions({"type": "pointer", "id": "mouse", "parameters": {"pointerType": "mouse"}, "actions": [
            {"type": "pointerMove", "x": int(x), "y": int(y), "duration": 0}, *more]})

    def wheel(self, x, y, delta):
        self.actions({"type": "wheel", "id": "wheel", "actions": [
            {"type": "scroll", "x": int(x), "y": int(y), "deltaX": 0, "deltaY": int(delta), "duration": 0}]})

    def key(self, *keys):
        self.actions({"type": "key", "id": "keys", "actions": [
            {"type": kind, "value": key} for key in keys for kind in ("keyDown", "keyUp")]})

    def errors(self):
        """What the page complained of on the console."""
        log = self.request("POST", self.session + "/se/log", {"type": "browser"})
        return [entry["message"] for entry in log if entry["level"] == "SEVERE"]

    def screenshot(self, path):
        with open(path, "wb") as f:
            f.write(base64.b64decode(self.request("GET", self.session + "/screenshot")))


@contextlib.contextmanager
def browser():
    driver = shutil.which("chromedriver")
    if not driver:
        raise RuntimeError("there is no chromedriver; tools/packages check installs it")
    with tempfile.TemporaryDirectory(prefix="browser.") as home:
        process = subprocess.Popen([driver, "--port=0"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
                                   start_new_session=True, env=dict(os.environ, HOME=home, TMPDIR=home))
        try:
            port = None
            for line in process.stdout:
                port = re.search(r"successfully on port (\d+)", line)
                if port:
                    break
            if not port:
                raise RuntimeError("chromedriver did not start")
            b = Browser(f"http://127.0.0.1:{port[1]}")
            try:
                yield b
            finally:
                b.request("DELETE", b.session)
        finally:
            os.killpg(process.pid, signal.SIGTERM)
            process.wait(10)
