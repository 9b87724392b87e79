
"use strict";
(() => {
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];

  // Copy buttons.
  for (const pre of all("pre.copy")) {
    const block = document.createElement("div");
    block.className = "block";
    pre.replaceWith(block);
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = "Copy";
    button.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(pre.textContent.trimEnd());
        button.textContent = "Copied";
      } catch {
        getSelection().selectAllChildren(pre);
        button.textContent = "Selected";
      }
      setTimeout(() => { button.textContent = "Copy"; }, 1500);
    });
    block.append(pre, button);
  }

  // The place of a finding may be far down in its message.
  for (const exchange of all(".exchange")) {
    exchange.addEventListener("toggle", () => {
      for (const wire of all(".wire", exchange)) {
        const mark = wire.querySelector(".mark");
        if (mark) wire.scrollTop = mark.offsetTop - wire.clientHeight / 3;
      }
    });
  }

  // The filter over the findings.
  const form = document.querySelector(".filter");
  const findings = all(".finding");
  const filter = () => {
    const levels = new Set(all("input:checked", form).map((box) => box.value));
    const words = form.querySelector("[type=search]").value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const finding of findings) {
      const { level, text } = finding.dataset;
      finding.hidden = !levels.has(level) || !words.every((word) => text.includes(word));
      shown += finding.hidden ? 0 : 1;
    }
    form.querySelector("output").textContent = shown === findings.length ? "" : `${shown} of ${findings.length} shown`;
  };
  if (form) {
    form.hidden = false;
    form.addEventListener("input", filter);
    form.addEventListener("submit", (event) => event.preventDefault());
    const unfold = form.querySelector("[data-unfold]");
    unfold.addEventListener("click", () => {
      const folds = all(".proof, .exchange");
      const open = folds.some((fold) => !fold.open);
      for (const fold of folds) fold.open = open;
      unfold.textContent = open ? "Fold all" : "Unfold all";
    });
  }

  // A link to a finding shows it, whatever the filter says.
  const reveal = () => {
    const target = document.getElementById(location.hash.slice(1));
    if (form && target && target.hidden) {
      form.reset();
      filter();
      target.scrollIntoView();
    }
    if (target && target.matches(".finding")) {
      for (const fold of [target.querySelector(".proof"), all(".exchange", target).at(-1)]) {
        if (fold) fold.open = true;
      }
    }
  };
  addEventListener("hashchange", reveal);
  reveal();

  // Paper has no folds.
  addEventListener("beforeprint", () => {
    for (const details of all("details")) details.open = true;
  });
})();
