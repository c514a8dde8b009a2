# SPDX-License-Identifier: Apache-2.0
"""What `scripts/browser` runs: serves sample sites as `canary serve` would and checks them in Chromium."""

import pathlib
import re
import sys
import threading
import time
from collections.abc import Iterable, Iterator
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

from lib import servers
from lib.world import ROOT

TYPES = {".html": "text/html; charset=utf-8", ".css": "text/css", ".js": "text/javascript"}
OPENUSD = "jobs/openusd@vfx2026/head"
PAGES = ["", OPENUSD, "jobs/alembic@vfx2026/release", "runs/r0112", "searches/s0042", "attempts/a0991", "404"]
# Colours, width, and whether axe runs: contrast does not depend on the width.
FORMS = [("light", 1440, True), ("dark", 1440, True), ("light", 390, True), ("dark", 390, False)]
BRIEF = [("light", 1440, True), ("dark", 390, False)]


def content_security_policy() -> str:
    """The policy that canary sends with each page, read from its source."""
    for path in sorted((ROOT / "Sources").rglob("*.swift")):
        if found := re.search(r'contentSecurityPolicy = """\s*(.*?)\s*"""', path.read_text(encoding="utf-8"), re.S):
            return re.sub(r"\\\n\s*", "", found[1])
    sys.exit("scripts/browser.py: no `contentSecurityPolicy` in Sources")


POLICY = content_security_policy()


class Server(servers.Server):
    """One site: pages without suffix, an event stream, a log that grows."""

    changed = threading.Event()
    grow = threading.Event()

    def __init__(self, folder: pathlib.Path) -> None:
        self.folder = folder
        super().__init__(Handler)


class Handler(servers.Handler):
    server: Server
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        path, _, query = self.path.partition("?")
        if path == "/events":
            self.stream("text/event-stream", self.events())
        elif path == "/attempts/a0992/log" and query == "follow=1":
            self.stream("text/plain; charset=utf-8", self.growing_log())
        elif path == "/attempts/a0992/log" and query.startswith("follow=1&skip="):
            # The sample runs for ever: whoever has its log gets no more of it.
            self.stream("text/plain; charset=utf-8", iter(()))
        else:
            self.send_file(path.strip("/") or "index.html")

    def send_file(self, name: str) -> None:
        for file in (self.server.folder / name, self.server.folder / f"{name}.html"):
            if file.is_file():
                body = file.read_bytes()
                self.send_response(200)
                self.send_header("content-type", TYPES.get(file.suffix, "text/plain; charset=utf-8"))
                self.send_header("content-security-policy", POLICY)
                break
        else:
            body = b""
            self.send_response(404)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def stream(self, kind: str, parts: Iterable[str]) -> None:
        self.send_response(200)
        self.send_header("content-type", kind)
        self.send_header("connection", "close")
        self.end_headers()
        self.close_connection = True
        for part in parts:
            self.wfile.write(part.encode())
            self.wfile.flush()

    def events(self) -> Iterator[str]:
        yield ": hello\n\n"
        while True:
            if self.server.changed.wait(5):
                self.server.changed.clear()
                yield "data: changed\n\n"
            else:
                yield ": still here\n\n"

    def growing_log(self) -> Iterator[str]:
        yield "line one\nline <b>two</b>\nhalf a "
        self.server.grow.wait(10)
        yield "line\nthe last"


class Walk:
    """The browser, and the problems that were found with it."""

    def __init__(self, browser: Browser, pictures: pathlib.Path) -> None:
        self.browser, self.pictures, self.checks = browser, pictures, 0
        self.problems: list[str] = []

    def expect(self, condition: object, text: str) -> None:
        self.checks += 1
        if not condition:
            self.problems.append(text)

    def page(self, where: str, **options: Any) -> Page:
        context = self.browser.new_context(**{"viewport": {"width": 1440, "height": 900}, **options})
        page = context.new_page()

        def on_console(message: Any) -> None:
            if message.type in ("error", "warning") and "404" not in message.text:
                self.problems.append(f"{where}: console: {message.text}")

        def on_dialog(dialog: Any) -> None:
            self.problems.append(f"{where}: a dialog opened")
            dialog.dismiss()

        page.on("pageerror", lambda error: self.problems.append(f"{where}: script error: {error}"))
        page.on("console", on_console)
        page.on("dialog", on_dialog)
        return page

    def axe(self, page: Page, where: str) -> None:
        found = Axe().run(page).response["violations"]
        self.checks += 1
        for violation in found:
            nodes = "; ".join(node["html"][:140] for node in violation["nodes"][:3])
            self.problems.append(f"{where}: axe {violation['id']}: {violation['help']}: {nodes}")

    def views(
        self,
        name: str,
        server: Server,
        paths: list[str] = PAGES,
        forms: list[tuple[str, int, bool]] = FORMS,
    ) -> None:
        """Every page in every form: no sideways scrolling, a picture of each, and axe where the form wants it."""
        for scheme, width, wants_axe in forms:
            form = "wide" if width > 600 else "phone"
            page = self.page(f"{name} {scheme} {form}", color_scheme=scheme, viewport={"width": width, "height": 900})
            for path in paths:
                where = f"{name} {scheme} {form} /{path}"
                page.goto(server.address + path)
                wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
                self.expect(wide <= 0, f"{where}: {wide} pixels wider than the window")
                if wants_axe:
                    self.axe(page, where)
                file = f"{name}-{path.replace('/', '-') or 'index'}-{form}-{scheme}.png"
                page.screenshot(path=self.pictures / file, full_page=True)
            page.context.close()

    def flows(self, server: Server) -> None:
        """What people do: from what is broken to its log, by mouse and by keyboard."""
        page = self.page("flow")
        page.goto(server.address)
        self.expect("broken" in page.title(), f"the title does not say what is broken: {page.title()}")
        self.expect(
            page.locator("article.card").first.inner_text().find("openusd@vfx2026/head") >= 0,
            "the first card is not the broken job",
        )
        self.expect("ago" in page.locator(".card time").first.inner_text(), "ages are not relative")
        page.locator("article.card").first.get_by_role("link", name="openusd@vfx2026/head").click()
        self.expect(page.url.endswith(OPENUSD), f"the card led to {page.url}")
        page.get_by_role("link", name="s0042").click()
        self.expect("culprit found" in page.locator("h1").inner_text(), "the search page does not say what it found")
        page.go_back()
        page.goto(server.address + "attempts/a0991")
        page.get_by_role("link", name="jump to the first error").click()
        self.expect(page.evaluate("document.querySelector('.first:target') !== null"), "the jump missed the error")
        self.expect(page.locator(".first").is_visible(), "the first error is not in view")
        page.goto(server.address)
        rows = page.locator(".matrix tbody tr")
        before = sum(row.is_visible() for row in rows.all())
        page.get_by_label("only failing projects").check()
        after = sum(row.is_visible() for row in rows.all())
        self.expect(0 < after < before, f"the filter shows {after} of {before} projects")
        self.broken_links(page, server)
        page.context.close()

    def broken_links(self, page: Page, server: Server) -> None:
        """Follows every link inside the site once."""
        seen: set[str] = set()
        open_pages, dead = [""], []
        while open_pages and len(seen) < 25:
            path = open_pages.pop()
            if path in seen:
                continue
            seen.add(path)
            response = page.goto(server.address + path)
            if not response or not response.ok:
                dead.append(path)
                continue
            hrefs = page.eval_on_selector_all(
                "a[href]", "list => list.map(a => new URL(a.getAttribute('href'), location).href)"
            )
            inside = [href[len(server.address) :].split("#")[0] for href in hrefs if href.startswith(server.address)]
            # The samples have one page of each kind, and no documents.
            open_pages += [path for path in inside if path.startswith("jobs/")]
        self.expect(not dead, f"dead links: {dead[:5]}")
        self.expect(len(seen) == 25, f"only {len(seen)} pages are linked")

    def live(self, server: Server) -> None:
        """A change arrives and keeps focus and position; a log grows; nothing in it is markup."""
        page = self.page("live")
        page.goto(server.address)
        page.locator("#live", has_text="live").wait_for()
        page.get_by_label("only failing projects").check()
        link = page.locator(f".matrix a[href='{OPENUSD}']")
        link.focus()
        href = link.get_attribute("href")
        index = server.folder / "index.html"
        old = index.read_text()
        try:
            index.write_text(old.replace("</h1>", "news: </h1>"))
            server.changed.set()
            page.locator("h1", has_text="news: ").wait_for(timeout=8000)
        finally:
            index.write_text(old)
        self.expect(page.evaluate("document.activeElement.getAttribute('href')") == href, "a change took the focus")
        self.expect(page.get_by_label("only failing projects").is_checked(), "a change took the tick away")
        page.goto(server.address + "attempts/a0992")
        page.locator("#L2").wait_for()
        self.expect(page.locator("#L2").text_content() == "line <b>two</b>\n", "the log's text is not text")
        server.grow.set()
        page.locator("#L3").wait_for()
        self.expect(page.locator("#L3").text_content() == "half a line\n", "a line that came in two is not one")
        page.context.close()

    def keyboard(self, server: Server) -> None:
        """All that can be clicked can be reached with tab, and shows its focus; the first stop skips to the content."""
        page = self.page("keyboard")
        page.goto(server.address)
        page.keyboard.press("Tab")
        self.expect(page.evaluate("document.activeElement.className") == "skip", "the first stop is not a skip link")
        page.keyboard.press("Enter")
        self.expect(page.evaluate("document.activeElement.id") == "main", "the skip link does not skip")
        reached: set[str] = set()
        unseen: list[str] = []
        for _ in range(400):
            page.keyboard.press("Tab")
            key, outline = page.evaluate("""(() => {
                const node = document.activeElement;
                return [node.getAttribute("href") || node.id || node.className, getComputedStyle(node).outlineStyle];
            })()""")
            if page.evaluate("document.activeElement === document.body"):
                break
            reached.add(key if isinstance(key, str) else "")
            if outline == "none":
                unseen.append(key)
        self.expect("scroll" in reached, "the regions that scroll cannot be reached")
        self.expect("trouble" in reached, "the filter cannot be reached")
        self.expect(OPENUSD in reached and "#p-openusd" in reached, "jobs or the graph cannot be reached")
        self.expect(not unseen, f"focus is not seen on {unseen[:5]}")
        page.locator(f".matrix a[href='{OPENUSD}']").focus()
        page.keyboard.press("Enter")
        page.wait_for_url(server.address + OPENUSD)
        for key in ("Tab", "Tab", "Enter"):
            page.keyboard.press(key)
        page.wait_for_url(server.address)
        page.context.close()

    def without_script(self, server: Server) -> None:
        page = self.page("no script", java_script_enabled=False)
        page.goto(server.address)
        text = page.locator("main").inner_text()
        self.expect("UTC" in text and "openusd@vfx2026/head" in text, "without scripts the page is incomplete")
        page.context.close()

    def from_a_folder(self, folder: pathlib.Path) -> None:
        """The style is found by relative links, without any server."""
        page = self.page("folder")
        page.goto(f"file://{folder}/index.html")
        self.expect(
            page.evaluate("getComputedStyle(document.querySelector('.matrix td')).minWidth") not in ("", "0px"),
            "opened as a file the page has no style",
        )
        page.locator("article.card").first.get_by_role("link", name="openusd@vfx2026/head").click()
        self.expect("openusd@vfx2026/head" in page.locator("h1").inner_text(), "no page of a job in the folder")
        page.get_by_role("link", name="All jobs").click()
        self.expect(page.url.endswith("/index.html"), f"the way back led to {page.url}")
        page.context.close()


def main(pages: pathlib.Path, pictures: pathlib.Path) -> int:
    began = time.monotonic()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        walk = Walk(browser, pictures)
        family, hostile, large = (Server(pages / name) for name in ("family", "hostile", "large"))
        walk.views("family", family)
        walk.views("hostile", hostile, PAGES[:2] + PAGES[3:6], forms=BRIEF)
        walk.views("large", large, [""], forms=BRIEF)
        walk.flows(family)
        walk.live(family)
        walk.keyboard(family)
        walk.without_script(family)
        walk.from_a_folder(pages / "files")
        browser.close()
    for problem in walk.problems:
        print(problem)
    print(f"browser: {walk.checks} checks, {len(walk.problems)} problems, {time.monotonic() - began:.0f} s")
    return 1 if walk.problems else 0


sys.exit(main(pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve()))
