// Parts of pages that the server sends anew when they change. What is the same stays as it is, so
// that focus, selection and scrolling are not lost; what has a key (`data-noegle`) never becomes
// something else, so that a button does not do another thing than it did when it was chosen.
"use strict";

const key = (node) => node?.dataset?.noegle;
const isBlank = (node) => node.nodeType === Node.TEXT_NODE && node.data.trim() === "";

function morph(old, fresh) {
  if (old.nodeType !== fresh.nodeType || old.nodeName !== fresh.nodeName || key(old) !== key(fresh)) {
    old.replaceWith(fresh);
    return;
  }
  if (old.nodeType === Node.TEXT_NODE) {
    if (old.data !== fresh.data) old.data = fresh.data;
    return;
  }
  if (old.nodeType !== Node.ELEMENT_NODE) return;
  for (const { name } of [...old.attributes]) {
    if (!fresh.hasAttribute(name)) old.removeAttribute(name);
  }
  for (const { name, value } of fresh.attributes) {
    if (old.getAttribute(name) !== value) old.setAttribute(name, value);
  }
  morphAll(old, fresh);
}

function morphAll(old, fresh) {
  const nodes = [...fresh.childNodes].filter((node) => !isBlank(node));
  const wanted = new Set(nodes.map(key).filter(Boolean));
  const keyed = new Map();
  for (const node of [...old.childNodes]) {
    if (isBlank(node) || (key(node) && !wanted.has(key(node)))) node.remove();
    else if (key(node)) keyed.set(key(node), node);
  }
  let at = old.firstChild;
  for (const node of nodes) {
    const same = key(node) ? keyed.get(key(node)) : at && !key(at) ? at : null;
    if (!same) {
      old.insertBefore(node, at);
      continue;
    }
    if (same === at) at = at.nextSibling;
    else old.insertBefore(same, at);
    morph(same, node);
  }
  while (at) {
    const next = at.nextSibling;
    at.remove();
    at = next;
  }
}

// Loads the page anew as soon as there is one: it says whether the session is over. Until then the
// page that is there says that it is not new.
function again() {
  setTimeout(async () => {
    try {
      const page = await fetch(location.href);
      if (page.ok) return location.reload();
    } catch {
      // Nobody answers yet.
    }
    again();
  }, 5000);
}

function watch(part) {
  const lost = document.getElementById("afbrudt");
  const say = (text) => {
    if (lost && lost.textContent !== text) lost.textContent = text;
  };
  const source = new EventSource(part.dataset.live);
  source.onopen = () => say("");
  source.onmessage = (event) => {
    const page = new DOMParser().parseFromString(event.data, "text/html");
    morphAll(part, page.body);
  };
  source.onerror = () => {
    say(lost?.dataset.tekst);
    if (source.readyState === EventSource.CLOSED) again();
  };
  return source;
}

// A page that nobody sees is not kept up to date: a browser has few connections to one place.
for (const part of document.querySelectorAll("[data-live]")) {
  let source = null;
  const follow = () => {
    if (document.hidden) {
      source?.close();
      source = null;
    } else {
      source ??= watch(part);
    }
  };
  document.addEventListener("visibilitychange", follow);
  follow();
}
