"""browser_check.py BROWSER REPORT [OUTPUT_DIR | --quick]: what browser_check.sh says, through the DevTools protocol.

Chromium's --remote-debugging-pipe speaks JSON messages ended by NUL on descriptors 3 (in) and 4 (out), so the
standard library is enough, and mouse and keyboard events are real ones.
"""
import base64
import json
import os
import pathlib
import select
import shutil
import subprocess
import sys
import tempfile
import time

FLAGS = ["--headless", "--no-sandbox", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync", "--enable-unsafe-swiftshader", "--remote-debugging-pipe",
         "--window-size=1400,1000", "about:blank"]


class Browser:
    def __init__(self, program, extra):
        self.profile = tempfile.mkdtemp(prefix="aetval-browser-")
        to_read, self.to_write = os.pipe()
        self.from_read, from_write = os.pipe()

        def wire():  # in the child: the pipe's ends must be descriptors 3 and 4
            a, b = os.dup(to_read), os.dup(from_write)
            os.dup2(a, 3)
            os.dup2(b, 4)

        self.process = subprocess.Popen([program, *extra, *FLAGS, f"--user-data-dir={self.profile}"], preexec_fn=wire,
                                        close_fds=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(to_read)
        os.close(from_write)
        self.buffer, self.count, self.events, self.session = b"", 0, [], None
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(domain + ".enable")

    def read_message(self, deadline):
        while b"\0" not in self.buffer:
            if time.time() > deadline or not select.select([self.from_read], [], [], max(0.0, deadline - time.time()))[0]:
                raise TimeoutError("the browser did not answer in time")
            chunk = os.read(self.from_read, 1 << 20)
            if not chunk:
                raise RuntimeError("the browser has ended")
            self.buffer += chunk
        text, self.buffer = self.buffer.split(b"\0", 1)
        return json.loads(text)

    def call(self, method, **params):
        self.count += 1
        wanted = self.count
        message = {"id": wanted, "method": method, "params": params}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.to_write, json.dumps(message).encode() + b"\0")
        deadline = time.time() + 60
        while True:
            answer = self.read_message(deadline)
            if answer.get("method") == "Page.javascriptDialogOpening":  # nothing goes on while it is open
                self.count += 1
                message = {"id": self.count, "method": "Page.handleJavaScriptDialog", "params": {"accept": True}, "sessionId": self.session}
                os.write(self.to_write, json.dumps(message).encode() + b"\0")
            if answer.get("id") == wanted:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']['message']}")
                return answer["result"]
            self.events.append(answer)

    def value(self, expression):
        result = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in result:
            raise RuntimeError(f"{expression}: {result['exceptionDetails'].get('exception', {}).get('description')}")
        return result["result"].get("value")

    def wait(self, expression, seconds=30):
        deadline = time.time() + seconds
        while not self.value(expression):
            if time.time() > deadline:
                raise TimeoutError(f"never true: {expression}")
            time.sleep(0.05)

    def open(self, url):
        self.events.clear()
        self.call("Page.navigate", url=url)
        try:
            self.wait("document.documentElement?.dataset.ready === 'true'")
        except TimeoutError as error:
            raise TimeoutError("the page never became ready: " + "; ".join(problems(self))) from error

    def click(self, x, y):
        for kind in ("mousePressed", "mouseReleased"):
            self.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", buttons=1, clickCount=1)

    def key(self, name):
        for kind in ("keyDown", "keyUp"):
            self.call("Input.dispatchKeyEvent", type=kind, key=name, code=name)

    def size(self, width, height, phone=False):
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=2 if phone else 1, mobile=phone)

    def screenshots(self, folder, name, part=3200):
        """The whole page, in parts that an image viewer still opens."""
        width, height = self.value("[document.documentElement.clientWidth, document.documentElement.scrollHeight]")
        for number, top in enumerate(range(0, height, part), 1):
            clip = {"x": 0, "y": top, "width": width, "height": min(part, height - top), "scale": 1}
            data = self.call("Page.captureScreenshot", format="png", captureBeyondViewport=True, clip=clip)["data"]
            (folder / f"{name}-{number}.png").write_bytes(base64.b64decode(data))

    def close(self):
        try:
            self.call("Browser.close")
            self.process.wait(10)
        except Exception:
            self.process.kill()
            self.process.wait()
        shutil.rmtree(self.profile, ignore_errors=True)


FAILURES = []


def require(condition, sentence):
    if not condition:
        FAILURES.append(sentence)
        print("FAILED:", sentence)


# How many pixels of a canvas differ from its first one: 0 for an empty picture.
LIVELY = """(() => [...document.querySelectorAll('%s')].map((c) => {
  const copy = document.createElement('canvas'); copy.width = c.width; copy.height = c.height;
  const g = copy.getContext('2d'); g.drawImage(c, 0, 0);
  const d = new Uint32Array(g.getImageData(0, 0, c.width, c.height).data.buffer);
  return d.reduce((n, v) => n + (v !== d[0]), 0); }))()"""


def problems(browser):
    """Console errors, exceptions and requests since the page was opened."""
    browser.value("1")
    for event in browser.events:
        method, params = event.get("method"), event.get("params", {})
        if method == "Runtime.exceptionThrown":
            yield "exception: " + params["exceptionDetails"].get("exception", {}).get("description", "?")
        elif method == "Runtime.consoleAPICalled" and params["type"] in ("error", "assert"):
            yield "console error: " + str([a.get("value") for a in params["args"]])
        elif method == "Log.entryAdded" and params["entry"]["level"] == "error":
            yield "log error: " + params["entry"]["text"]
        elif method == "Page.javascriptDialogOpening":
            yield "a script of a file has run: " + params["message"]
        elif method == "Network.requestWillBeSent" and not params["request"]["url"].startswith(("file:", "data:", "blob:", "about:")):
            yield "request to the outside: " + params["request"]["url"]


def check_page(browser, painter):
    has_3d = browser.value("Boolean(document.querySelector('.scene'))")
    data = browser.value("document.documentElement.dataset.errors + ' ' + (document.documentElement.dataset.errorText || '')")
    require(data.strip() == "0", "the page counts errors of its own: " + data)
    require(browser.value("document.querySelectorAll('[data-draw]:empty').length") == 0, "a section is empty")
    require(browser.value("performance.getEntriesByType('resource').length") == 0, "the page loaded something")
    for part in ("data", "volume"):
        missing = browser.value(f"document.querySelector('#{part} canvas') === null")
        if missing:
            require(browser.value(f"Boolean(document.querySelector('#{part} .missing'))"), f"section {part} has neither picture nor reason")
        else:
            counts = browser.value(LIVELY % f"#{part} figure.picture canvas:first-child")
            require(all(n > 50 for n in counts), f"a picture of section {part} is empty: {counts}")
    print("plots:", browser.value("document.querySelectorAll('.plot svg').length"), " curves with points:",
          browser.value("[...document.querySelectorAll('.plot svg .series, .plot svg .dots')].filter((p) => p.getAttribute('d').length > 20).length"))
    if not has_3d:
        require(browser.value("Boolean(document.querySelector('#atoms .missing'))"), "there is neither a 3D view nor a reason")
        return
    require(browser.value("document.querySelector('.scene').dataset.painter") == painter, f"the 3D view is not painted by {painter}")
    browser.value("document.querySelector('#atoms').scrollIntoView({behavior: 'instant'})")
    time.sleep(0.3)
    lively = browser.value(LIVELY % ".scene canvas:first-child")
    require(lively[0] > 2000, f"the 3D view is empty ({lively[0]} pixels)")
    # A click in the middle of the particle picks the atom in front.
    box = browser.value("(() => { const r = document.querySelector('.scene').getBoundingClientRect(); return [r.x, r.y, r.width, r.height]; })()")
    picked = "document.querySelector('.picked').textContent"
    for dx, dy in ((0, 0), (9, 4), (-12, 8), (5, -14), (-20, -9)):
        browser.click(box[0] + box[2] / 2 + dx, box[1] + box[3] / 2 + dy)
        if "Element" in browser.value(picked):
            break
    text = browser.value(picked)
    require("Element" in text and "Å" in text, "an atom picked in 3D shows no numbers: " + text[:80])
    print("picked:", text[:110])
    before = browser.value("document.querySelector('.scene canvas').toDataURL()")
    browser.value("document.querySelector('.scene').focus()")
    browser.key("ArrowLeft")
    time.sleep(0.3)
    require(browser.value("document.querySelector('.scene canvas').toDataURL()") != before, "the arrow keys do not turn the 3D view")
    # Every colouring and every frame draws without an error.
    browser.value("""(async () => { for (const which of [0, 1]) for (const option of document.querySelectorAll('#atoms select')[which].options) {
      const select = document.querySelectorAll('#atoms select')[which]; select.value = option.value;
      select.dispatchEvent(new Event('change')); await new Promise((r) => setTimeout(r, 40)); }
      for (const button of document.querySelectorAll('.frames button')) { button.click(); await new Promise((r) => setTimeout(r, 60)); }
      const first = document.querySelector('.frames button'); if (first) first.click();
      for (const input of document.querySelectorAll('input[type=range]')) { input.value = 1; input.dispatchEvent(new Event('input')); }
      document.querySelectorAll('#theme')[0].click(); document.querySelectorAll('#theme')[0].click(); })()""")
    data = browser.value("document.documentElement.dataset.errors + ' ' + (document.documentElement.dataset.errorText || '')")
    require(data.strip() == "0", "using the controls made errors: " + data)


def conclude():
    print("FAILED" if FAILURES else "passed")
    return 1 if FAILURES else 0


def overflow(browser, name):
    wide = browser.value("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    require(wide <= 0, f"the page is {wide} pixels wider than the {name} screen")


def main():
    program, report = sys.argv[1], pathlib.Path(sys.argv[2]).resolve()
    quick = sys.argv[3:] == ["--quick"]
    out = pathlib.Path(sys.argv[3]) if len(sys.argv) > 3 and not quick else None
    if out:
        out.mkdir(parents=True, exist_ok=True)
    url = report.as_uri()
    print(f"{report.name}: {report.stat().st_size / 1e6:.2f} MB")
    browser = Browser(program, [])
    try:
        browser.size(1400, 1000)
        start = time.time()
        browser.open(url)
        print(f"ready after {time.time() - start:.2f} s")
        check_page(browser, "webgl")
        overflow(browser, "desktop")
        for sentence in problems(browser):
            require(False, sentence)
        if quick:
            return conclude()
        views = [("desktop", 1400, 1000, False, "light"), ("dark", 1400, 1000, False, "dark"), ("phone", 390, 844, True, "light")]
        for name, width, height, phone, scheme in views:
            browser.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
            browser.size(width, height, phone)
            browser.open(url)
            time.sleep(0.6)
            overflow(browser, name)
            for sentence in problems(browser):
                require(False, f"{name}: {sentence}")
            if out:
                browser.screenshots(out, name)
        browser.call("Emulation.setEmulatedMedia", features=[])
        browser.size(1400, 1000)
        browser.open(url)
        pdf = base64.b64decode(browser.call("Page.printToPDF", printBackground=True, preferCSSPageSize=True)["data"])
        require(len(pdf) > 20000, "the printed page is empty")
        if out:
            (out / "report.pdf").write_bytes(pdf)
            browser.call("Emulation.setEmulatedMedia", media="print")
            browser.size(700, 1000)
            time.sleep(0.6)
            browser.screenshots(out, "print")
    finally:
        browser.close()
    # Where there is no WebGL the view is painted on a plain canvas.
    browser = Browser(program, ["--disable-gpu", "--disable-3d-apis"])
    try:
        browser.size(1400, 1000)
        browser.open(url)
        check_page(browser, "canvas")
        for sentence in problems(browser):
            require(False, "without WebGL: " + sentence)
        if out:
            browser.open(url)
            browser.screenshots(out, "canvas")
    finally:
        browser.close()
    return conclude()


if __name__ == "__main__":
    sys.exit(main())
