(() => {
  "use strict";
  const spans = [[86400, "d"], [3600, "h"], [60, "min"]];
  const format = (seconds) => {
    const size = Math.abs(seconds);
    if (size < 60) return seconds < 0 ? "in a moment" : "just now";
    const [unit, name] = spans.find(([unit]) => size >= unit);
    const text = `${Math.floor(size / unit)} ${name}`;
    return seconds < 0 ? `in ${text}` : `${text} ago`;
  };
  const age = () => {
    for (const time of document.querySelectorAll("time[datetime]")) {
      const seconds = (Date.now() - Date.parse(time.dateTime)) / 1000;
      if (Number.isNaN(seconds)) continue;
      if (!time.title) time.title = time.textContent;
      time.textContent = Math.abs(seconds) < 60 * 86400 ? format(seconds) : time.title;
    }
    for (const due of document.querySelectorAll("[data-due]")) {
      const isLate = Date.parse(due.dataset.due) < Date.now();
      due.classList.toggle("overdue", isLate);
      if (isLate && due.firstChild.nodeType === 3) due.firstChild.data = "no sign of life: a run was due ";
    }
  };
  age();
  setInterval(age, 30000);

  const events = document.documentElement.dataset.events;
  const log = document.getElementById("log");
  const follow = log && log.dataset.follow;
  const keyOf = (node) => node && node !== document.body && (node.id ? `#${CSS.escape(node.id)}`
    : node.getAttribute("href") ? `a[href="${CSS.escape(node.getAttribute("href"))}"]` : null);
  const refresh = async () => {
    const answer = await fetch(location.href, { cache: "no-cache", headers: { accept: "text/html" } });
    if (!answer.ok) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const [old, fresh] = [document.getElementById("main"), page.getElementById("main")];
    if (!fresh) return;
    const focused = old.contains(document.activeElement) ? keyOf(document.activeElement) : null;
    const shifts = [...old.querySelectorAll(".scroll")].map((node) => node.scrollLeft);
    const opened = [...old.querySelectorAll("details")].map((node) => node.open);
    const ticked = [...old.querySelectorAll("input[id]")].map((node) => [node.id, node.checked]);
    old.replaceChildren(...fresh.childNodes);
    old.querySelectorAll(".scroll").forEach((node, n) => { node.scrollLeft = shifts[n] || 0; });
    old.querySelectorAll("details").forEach((node, n) => { node.open = opened[n] || false; });
    for (const [id, isTicked] of ticked) {
      const box = document.getElementById(id);
      if (box) box.checked = isTicked;
    }
    if (focused) old.querySelector(focused)?.focus({ preventScroll: true });
    const icons = [document, page].map((root) => root.querySelector("link[rel=icon]"));
    if (icons[0] && icons[1]) icons[0].href = icons[1].getAttribute("href");
    const pulses = [document, page].map((root) => root.querySelectorAll(".pulse > :not(#live)"));
    pulses[0].forEach((node, n) => { if (pulses[1][n]) node.replaceWith(pulses[1][n]); });
    document.title = page.title;
    age();
  };
  const say = (text, isOff) => {
    const live = document.getElementById("live");
    if (!live || live.textContent === text) return;
    live.textContent = text;
    live.classList.toggle("off", isOff);
  };
  if (events && !follow) {
    let timer = null;
    const change = () => {
      // Spreads the requests of many readers, and combines changes that arrive together.
      timer ??= setTimeout(() => {
        timer = null;
        refresh().catch(() => say("not live", true));
      }, 300 + Math.random() * 700);
    };
    let source = null;
    const listen = () => {
      source = new EventSource(events);
      source.onopen = () => say("live", false);
      source.onerror = () => say("not live", true);
      source.onmessage = change;
    };
    // A browser opens six connections to a server: a hidden page must not occupy one.
    document.addEventListener("visibilitychange", () => {
      if (document.hidden) {
        source?.close();
        source = null;
      } else if (!source) {
        listen();
        change();
      }
    });
    if (!document.hidden) listen();
  }

  const most = 5000;
  const decoder = new TextDecoder();
  let [received, rest, number, failures] = [0, "", 0, 0];
  const pause = (milliseconds) => new Promise((done) => { setTimeout(done, milliseconds); });
  const add = (text) => {
    const line = document.createElement("span");
    number += 1;
    line.id = `L${number}`;
    line.dataset.n = number;
    line.textContent = `${text}\n`;
    return line;
  };
  const append = (bytes) => {
    const lines = (rest + decoder.decode(bytes, { stream: true })).split("\n");
    rest = lines.pop();
    if (rest.length > 65536) { lines.push(rest); rest = ""; }
    const page = document.scrollingElement;
    const isAtEnd = page.scrollTop + innerHeight > page.scrollHeight - 80;
    if (!received) log.replaceChildren();
    received += bytes.length;
    const skipped = Math.max(0, lines.length - most);
    number += skipped;
    log.append(...lines.slice(skipped).map(add));
    while (log.childElementCount > most) log.firstElementChild.remove();
    if (isAtEnd) page.scrollTop = page.scrollHeight;
  };
  const read = async () => {
    const answer = await fetch(received ? `${follow}&skip=${received}` : follow);
    if (answer.status >= 500) throw new Error(answer.statusText);
    if (!answer.ok || !answer.body) return;
    const reader = answer.body.getReader();
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      failures = 0;
      say("live", false);
      append(value);
    }
  };
  // A stream also ends when the server does: only the page knows whether its attempt has ended.
  const isRunning = async () => {
    const answer = await fetch(location.href, { cache: "no-cache", headers: { accept: "text/html" } });
    if (answer.status >= 500) throw new Error(answer.statusText);
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    return Boolean(page.getElementById("log")?.dataset.follow);
  };
  const tail = async () => {
    for (;;) {
      try {
        await read();
        if (!(await isRunning())) break;
      } catch {
        // Cut off by a proxy, a sleeping computer or a restart: it goes on from the byte that it has.
        say("not live", true);
      }
      failures += 1;
      await pause(Math.min(500 * 2 ** failures, 15000));
    }
    if (rest) log.append(add(rest));
    // The page now has its stages and the first error.
    location.reload();
  };
  if (follow) tail();
})();
