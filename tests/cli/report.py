# SPDX-License-Identifier: Apache-2.0
"""Reads the pages of report and diff, and looks at them in Chromium. Exit status 0, or a complaint. See report.t.

usage: report.py page FILE... | report.py hostile FILE | report.py browser CHROMIUM DIRECTORY FILE...
"""
import base64
import html.parser
import json
import os
import pathlib
import re
import subprocess
import sys

EMPTY = {"meta", "br", "rect", "line", "link"}
HOSTILE = ["</script><script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "</style></title><b>", "left\\u202ethgir"]


def must(good, *why):
    if not good:
        sys.exit(" ".join(map(str, why)))


class Page(html.parser.HTMLParser):
    def __init__(self, path):
        super().__init__()
        self.path, self.stack, self.tags, self.ids, self.links, self.text, self.style = path, [], [], [], [], "", ""
        self.feed(pathlib.Path(path).read_text(encoding="utf-8"))
        must(not self.stack, path, "elements are open at the end", self.stack)

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))
        for name, value in attributes:
            must(not name.startswith("on"), self.path, "has a handler", name)
            must(name not in ("src", "srcset", "action", "data", "style"), self.path, "has", name)
            if name == "href":
                must(value.startswith("#"), self.path, "leads elsewhere:", value)
                self.links.append(value[1:])
            if name == "id":
                self.ids.append(value)
        if tag not in EMPTY:
            self.stack.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.handle_starttag(tag, attributes)
        if tag not in EMPTY:
            self.stack.pop()

    def handle_endtag(self, tag):
        must(self.stack and self.stack[-1] == tag, self.path, "closes", tag, "in", self.stack[-3:])
        self.stack.pop()

    def handle_data(self, data):
        if self.stack and self.stack[-1] == "style":
            self.style += data
        else:
            self.text += data

    def handle_comment(self, data):
        must(False, self.path, "has a comment")


def page(files):
    for path in files:
        it = Page(path)
        tags = [tag for tag, _ in it.tags]
        must("script" not in tags and "iframe" not in tags and "img" not in tags, path, "has what it should not")
        must(tags.count("h1") == tags.count("main") == tags.count("header") == tags.count("footer") == 1, path, "landmarks")
        must(len(it.ids) == len(set(it.ids)), path, "an id stands twice")
        must(set(it.links) <= set(it.ids), path, "leads nowhere:", sorted(set(it.links) - set(it.ids))[:5])
        levels = [int(tag[1]) for tag in tags if re.fullmatch("h[1-6]", tag)]
        must(all(b <= a + 1 for a, b in zip(levels, levels[1:])), path, "leaves out a heading", levels)
        policy = [a["content"] for tag, a in it.tags if a.get("http-equiv") == "Content-Security-Policy"]
        must(policy == ["default-src 'none'; style-src 'unsafe-inline'"], path, "its policy", policy)
        must(all(a.get("aria-label") for tag, a in it.tags if tag == "svg"), path, "a picture without words")
        must("url(" not in it.style and "@import" not in it.style, path, "its style loads something")
        must("prefers-color-scheme:dark" in it.style and "@media print" in it.style, path, "its style is for one of dark and light")
        text = pathlib.Path(path).read_text(encoding="utf-8")
        must(not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]", text), path, "has a control or a mark of direction")


def hostile(files):
    """Names that are markup are there, as text."""
    it = Page(files[0])
    for name in HOSTILE:
        must(name in it.text, files[0], "lacks the text", name)
    must(max(len(word) for word in it.text.split()) < 5000, files[0], "a name of a megabyte is not cut")


# What a page is, seen from inside: how wide; and each text's contrast with what is behind it (WCAG 2, 1.4.3).
MEASURE = r"""(() => {
  const parse = c => { const m = c.match(/[\d.]+/g).map(Number); return m.length > 3 ? m : [...m, 1] };
  const light = c => { const f = c.slice(0, 3).map(v => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
                       return 0.2126 * f[0] + 0.7152 * f[1] + 0.0722 * f[2] };
  const behind = e => { for (; e; e = e.parentElement) { const c = parse(getComputedStyle(e).backgroundColor); if (c[3] === 1) return c } return [255, 255, 255, 1] };
  let least = 99, at = '';
  const see = (fore, ground, what) => { const a = light(fore), b = light(ground), c = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
                                        if (c < least) { least = c; at = what } };
  document.querySelectorAll('body *').forEach(e => {
    if (![...e.childNodes].some(n => n.nodeType === 3 && n.data.trim()) || e.closest('title')) return;
    if (e.closest('svg')) {
      const box = e.parentElement.querySelector(':scope > rect'), text = parse(getComputedStyle(e).fill);
      see(text, behind(e.closest('svg')), e.textContent);
      if (box && e.closest('[aria-label^="The policy"]')) see(text, parse(getComputedStyle(box).fill), e.textContent);
    } else see(parse(getComputedStyle(e).color), behind(e), e.textContent.slice(0, 80));
  });
  return JSON.stringify({wide: document.documentElement.scrollWidth, window: innerWidth, least, at, scripts: document.scripts.length,
                         height: document.documentElement.scrollHeight, elements: document.querySelectorAll('*').length});
})()"""


class Browser:
    """Chromium, spoken to through a pair of pipes: no port, no network."""
    def __init__(self, program, home):
        read, self.out = os.pipe()
        self.inp, write = os.pipe()
        os.set_inheritable(read, True), os.set_inheritable(write, True)
        command = [program, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
                   "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage", f"--user-data-dir={home}", "--remote-debugging-pipe", "about:blank"]
        self.process = subprocess.Popen(["sh", "-c", f"exec 3<&{read} 4>&{write}; exec \"$@\"", "sh", *command], close_fds=False,
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(read), os.close(write)
        self.number, self.rest, self.session, self.events = 0, b"", None, []
        target = next(it for it in self.call("Target.getTargets")["targetInfos"] if it["type"] == "page")
        self.session = self.call("Target.attachToTarget", targetId=target["targetId"], flatten=True)["sessionId"]
        for domain in "Page", "Runtime", "Log", "Network":
            self.call(domain + ".enable")

    def message(self):
        while b"\0" not in self.rest:
            chunk = os.read(self.inp, 1 << 20)
            must(chunk, "Chromium ended")
            self.rest += chunk
        one, self.rest = self.rest.split(b"\0", 1)
        return json.loads(one)

    def call(self, method, **parameters):
        self.number += 1
        request = {"id": self.number, "method": method, "params": parameters, **({"sessionId": self.session} if self.session else {})}
        os.write(self.out, json.dumps(request).encode() + b"\0")
        while True:
            said = self.message()
            if said.get("id") == self.number:
                must("error" not in said, method, said.get("error"))
                return said["result"]
            self.events.append(said)

    def open(self, path):
        self.events.clear()
        self.call("Page.navigate", url=f"file://{path}")
        while not any(it.get("method") == "Page.loadEventFired" for it in self.events):
            self.events.append(self.message())

    def end(self):
        os.write(self.out, json.dumps({"id": 0, "method": "Browser.close"}).encode() + b"\0")
        self.process.wait(30)


def browser(arguments):
    program, directory, *files = arguments
    it = Browser(program, f"{directory}/chromium")
    for path in files:
        name = pathlib.Path(path).stem
        for width in 390, 1280:
            for scheme in "light", "dark":
                it.call("Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=False)
                it.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
                it.open(os.path.abspath(path))
                seen = json.loads(it.call("Runtime.evaluate", expression=MEASURE)["result"]["value"])
                where = f"{name} at {width}, {scheme}:"
                must(seen["wide"] <= width and seen["window"] == width, where, "is", seen["wide"], "wide")
                must(seen["least"] >= 4.5, where, "a contrast of", round(seen["least"], 2), "in", repr(seen["at"]))
                must(seen["scripts"] == 0, where, "has a script")
                asked = [e["params"]["request"]["url"] for e in it.events if e.get("method") == "Network.requestWillBeSent"]
                must(asked == [f"file://{os.path.abspath(path)}"], where, "asked for", asked)
                spoken = [e for e in it.events if e.get("method") in ("Runtime.consoleAPICalled", "Log.entryAdded", "Runtime.exceptionThrown")]
                must(not spoken, where, "the console says", spoken)
                shot = it.call("Page.captureScreenshot", captureBeyondViewport=True,
                               clip={"x": 0, "y": 0, "width": width, "height": min(seen["height"], 8000), "scale": 1})
                picture = base64.b64decode(shot["data"])
                must(picture.startswith(b"\x89PNG") and len(picture) > 10000, where, "no picture")
                pathlib.Path(f"{directory}/{name}-{width}-{scheme}.png").write_bytes(picture)
    it.end()


{"page": page, "hostile": hostile, "browser": browser}[sys.argv[1]](sys.argv[2:])
