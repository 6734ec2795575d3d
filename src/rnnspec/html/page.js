// What a browser adds to the page: filters, and a dialog for each verdict. Nothing is fetched, and
// without it the same is read below the table.
"use strict";
(() => {
  const find = (selector, within = document) => within.querySelector(selector);
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const form = find("#filter");
  const dialog = find("#dialog");
  const table = find("#matrix");
  const rows = all("tr[data-claim]", table);
  const links = all("td[data-v] a", table);
  const boxes = all("input[name=on]", form);
  const columns = new Set(all("thead th[data-i]", table).map((th) => th.dataset.i));
  const names = new Map(all("thead th[data-i]", table).map((th) => [th.dataset.i, th.textContent]));
  let opened = null; // the link whose verdict the dialog shows
  let reached = null; // the link that the tabulator reaches

  const checked = (name) => all(`input[name=${name}]:checked`, form);
  const cellOf = (link) => link.closest("td");
  const claimOf = (link) => link.closest("tr").dataset.claim;

  // ---- the filter, and the address that keeps it

  function state() {
    const kept = new URLSearchParams();
    for (const name of ["verdict", "on"]) {
      for (const box of checked(name)) kept.append(name, box.value);
    }
    for (const name of ["card", "kind"]) {
      if (form.elements[name].value) kept.set(name, form.elements[name].value);
    }
    if (opened) kept.set("open", `${names.get(cellOf(opened).dataset.i)}/${claimOf(opened)}`);
    return kept;
  }

  function keep() {
    const kept = state().toString();
    try {
      history.replaceState(null, "", kept ? `#${kept}` : location.pathname + location.search);
    } catch {
      // a page inside of another one has no address of its own
    }
  }

  function restore() {
    const hash = location.hash.slice(1);
    if (hash && !hash.includes("=")) return undefined; // a place in the page
    const kept = new URLSearchParams(hash);
    for (const box of all("input[type=checkbox]", form)) {
      box.checked = kept.getAll(box.name).includes(box.value);
    }
    for (const name of ["card", "kind"]) {
      const select = form.elements[name];
      select.value = kept.get(name) ?? "";
      if (select.selectedIndex < 0) select.value = "";
    }
    return kept.get("open");
  }

  function filter() {
    const verdicts = new Set(checked("verdict").map((box) => box.value));
    const on = new Set(checked("on").map((box) => box.dataset.i));
    const card = form.elements.card.value;
    const kind = form.elements.kind.value;
    const wanted = (element) =>
      (!element.dataset.i || !on.size || on.has(element.dataset.i)) &&
      (!element.dataset.v || !verdicts.size || verdicts.has(element.dataset.v));
    const asked = ({ dataset }) =>
      (!card || dataset.card === card) && (!kind || dataset.kind === kind);
    const claims = new Set();
    const used = new Set();
    for (const row of rows) {
      let some = false;
      for (const td of all("td[data-v]", row)) {
        const fits = asked(row) && wanted(td);
        td.classList.toggle("off", !fits);
        if (fits) used.add(td.dataset.i);
        some ||= fits;
      }
      row.hidden = !some;
      if (some) claims.add(row.dataset.claim);
    }
    for (const body of table.tBodies) {
      body.hidden = all("tr[data-claim]", body).every((row) => row.hidden);
    }
    for (const cell of all("th[data-i], td[data-i]", table)) cell.hidden = !used.has(cell.dataset.i);
    const tried = new Set(rows.map((row) => row.dataset.claim));
    for (const article of all("article")) {
      const { claim } = article.dataset;
      const known = tried.has(claim) ? claims.has(claim) : asked(article) && !verdicts.size;
      article.hidden = !(known && wanted(article));
    }
    for (const part of all("section[data-i], #accuracy tbody, #claims section")) {
      const told = all("article", part);
      const on = part.dataset.i;
      part.hidden = (on && !used.has(on)) || (told.length > 0 && told.every((each) => each.hidden));
    }
    const count = (some, of, what) => `${some} of ${of} ${what}${of === 1 ? "" : "s"}`;
    const shown = [count(claims.size, rows.length, "claim")];
    if (columns.size > 1) shown.push(count(used.size, columns.size, "implementation"));
    find("#shown").textContent = `${shown.join(", ")} shown${claims.size ? "" : ": nothing is so"}.`;
    const summary = find("#adapters summary");
    if (summary) {
      summary.textContent = `Implementations: ${on.size ? `${on.size} of ${boxes.length}` : "all"}`;
    }
    if (!reached || !reached.offsetParent) reach(links.find((link) => link.offsetParent) ?? null);
  }

  // ---- the keyboard: one verdict is reached, the others from there

  function reach(link) {
    if (reached) reached.tabIndex = -1;
    reached = link;
    if (reached) reached.tabIndex = 0;
  }

  function moved(link, key) {
    const row = all("td[data-v] a", link.closest("tr")).filter((each) => each.offsetParent);
    const column = links.filter(
      (each) => cellOf(each).dataset.i === cellOf(link).dataset.i && each.offsetParent,
    );
    const step = (list, by) => list[list.indexOf(link) + by];
    return {
      ArrowRight: () => step(row, 1),
      ArrowLeft: () => step(row, -1),
      ArrowDown: () => step(column, 1),
      ArrowUp: () => step(column, -1),
      Home: () => row[0],
      End: () => row.at(-1),
    }[key]?.();
  }

  table.addEventListener("keydown", (event) => {
    const link = event.target.closest("td[data-v] a");
    if (!link || event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.key === " ") {
      event.preventDefault();
      open(link);
      return;
    }
    const next = moved(link, event.key);
    if (!next) return;
    event.preventDefault();
    next.focus();
  });
  table.addEventListener("focusin", (event) => {
    const link = event.target.closest("td[data-v] a");
    if (link) reach(link);
  });

  // ---- the dialog: what the page says of a verdict, and of its claim

  function copyOf(element) {
    const copy = element.cloneNode(true);
    for (const each of [copy, ...all("[id]", copy)]) each.removeAttribute("id");
    for (const each of all("h4, h5", copy)) each.setAttribute("aria-level", 3); // below the dialog's
    copy.hidden = false;
    return copy;
  }

  function numbers(row) {
    const list = document.createElement("dl");
    const titles = all("thead th", row.closest("table")).map((th) => th.textContent);
    [...row.cells].forEach((cell, k) => {
      if (k < 2 || !cell.textContent) return; // the claim and its verdict are told already
      const pair = document.createElement("div");
      const name = document.createElement("dt");
      const said = document.createElement("dd");
      name.textContent = titles[k];
      said.textContent = cell.textContent;
      pair.append(name, said);
      list.append(pair);
    });
    return list;
  }

  function open(link) {
    const place = document.getElementById(link.hash.slice(1));
    const claim = document.getElementById(`claim.${claimOf(link)}`);
    const cell = cellOf(link);
    const verdict = cell.dataset.v.replaceAll("-", " ");
    opened = link;
    find("#dialog-title").textContent =
      `${claimOf(link)} on ${names.get(cell.dataset.i)}: ${verdict}`;
    const told = place.matches("tr") ? numbers(place) : copyOf(place);
    find("#dialog-body").replaceChildren(told, copyOf(claim));
    find("#copied").textContent = "";
    if (!dialog.open) dialog.showModal();
    dialog.scrollTop = 0;
    find("#dialog-title").focus();
    keep();
  }

  for (const link of links) {
    link.tabIndex = -1;
    link.setAttribute("role", "button");
    link.setAttribute("aria-haspopup", "dialog");
  }
  table.addEventListener("click", (event) => {
    const link = event.target.closest("td[data-v] a");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    open(link);
  });
  find("#close").addEventListener("click", () => dialog.close());
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close();
    if (event.target.closest("a[href^='#']")) dialog.close(); // it leads to a place behind
  });
  dialog.addEventListener("close", () => {
    const link = opened;
    opened = null;
    if (location.hash.includes("open=")) keep();
    if (link) link.focus();
  });

  // ---- copying

  async function copy(button) {
    const text = find("pre", button.parentElement).textContent;
    let done = true;
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      const area = document.createElement("textarea");
      area.value = text;
      button.after(area);
      area.select();
      done = document.execCommand("copy");
      area.remove();
      button.focus();
    }
    button.textContent = done ? "Copied" : "Select it to copy";
    find("#copied").textContent = done ? "The script is copied." : "It cannot be copied from here.";
    setTimeout(() => (button.textContent = "Copy"), 2000);
  }

  for (const paste of all(".paste")) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "copy";
    button.textContent = "Copy";
    find("pre", paste).before(button);
  }
  document.addEventListener("click", (event) => {
    const button = event.target.closest("button.copy");
    if (button) copy(button);
  });

  // ---- all of it

  function show() {
    const name = restore();
    filter();
    const wanted = links.find((link) => `${names.get(cellOf(link).dataset.i)}/${claimOf(link)}` === name);
    if (wanted && wanted !== opened) open(wanted);
    if (!wanted && name !== undefined && dialog.open) dialog.close();
  }

  form.hidden = false;
  find("#hint").hidden = false;
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("input", () => {
    filter();
    keep();
  });
  form.addEventListener("reset", () =>
    setTimeout(() => {
      filter();
      keep();
    }),
  );
  addEventListener("hashchange", show);
  show();
})();
