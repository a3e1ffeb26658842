// Small comforts on top of pages that work without any script: no double sending, a reason asked for where one is
// needed, keys to walk a list, and news of a running check without losing one's place.

const forms = document.querySelectorAll("form[data-once], form[data-vote]");
for (const form of forms) {
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    form.dataset.sent = "yes";
    for (const button of form.querySelectorAll("button[type=submit]")) button.setAttribute("aria-disabled", "true");
  });
}
window.addEventListener("pageshow", () => {
  for (const form of forms) {
    delete form.dataset.sent;
    for (const button of form.querySelectorAll("button[aria-disabled]")) button.removeAttribute("aria-disabled");
  }
});

for (const form of document.querySelectorAll("form[data-vote]")) {
  const reason = form.querySelector("textarea");
  if (!reason) continue;
  const update = () => {
    const chosen = form.querySelector("input[type=radio]:checked")?.value;
    reason.required = chosen === "object" || (chosen === "approve" && form.dataset.overrules === "yes");
  };
  form.addEventListener("change", update);
  update();
}

for (const button of document.querySelectorAll("button[data-suggest]")) {
  button.hidden = false;
  button.addEventListener("click", () => {
    const field = document.getElementById(button.dataset.suggest);
    field.value = [field.value.trim(), button.dataset.text].filter(Boolean).join("\n");
    field.focus();
  });
}

// j and k walk the rows of a list or the outputs of a request; Enter opens, as it always does on a link
document.addEventListener("keydown", (event) => {
  if (event.altKey || event.ctrlKey || event.metaKey || event.target.closest("input, textarea, select")) return;
  const step = { j: 1, k: -1 }[event.key];
  if (!step) return;
  const places = [...document.querySelectorAll("[data-keys] .ht-title, .ht-output > .ht-card-head h2")];
  if (!places.length) return;
  const at = places.indexOf(document.activeElement);
  const next = places[Math.min(Math.max(at + step, 0), places.length - 1)];
  if (!next.matches("a")) next.tabIndex = -1;
  next.focus();
});

const live = document.querySelector("[data-live]");
if (live) {
  let wait = 1500;
  const typing = () => [...document.querySelectorAll("textarea")].some((field) => field.value !== field.defaultValue);
  const ask = async () => {
    try {
      const answer = await fetch(live.dataset.live, { headers: { Accept: "application/json" } });
      if (answer.ok && (await answer.json()).stamp !== live.dataset.stamp && !typing()) {
        location.reload();
        return;
      }
    } catch {
      // the portal is away for a moment; ask again later
    }
    wait = Math.min(wait * 1.3, 10000);
    setTimeout(ask, wait);
  };
  setTimeout(ask, wait);
}
