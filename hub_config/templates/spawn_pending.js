// Follows the start of a workspace and goes there when it is ready.
const wait = document.getElementById("wait");
const bar = document.getElementById("bar");
const said = document.getElementById("said");
const cancel = document.getElementById("cancel");
const back = document.getElementById("back");
const news = new EventSource(wait.dataset.progress);

function ended(text) {
  news.close();
  said.textContent = text;
  cancel.hidden = true;
  back.hidden = false;
  back.focus();
}

news.onmessage = (event) => {
  const step = JSON.parse(event.data);
  if (step.progress !== undefined) bar.value = step.progress;
  if (step.ready) {
    news.close();
    window.location.reload();
  } else if (step.failed) {
    news.close();
    window.location.reload(); // this page then says why
  } else if (step.message) {
    said.textContent = step.message;
  }
};

cancel.addEventListener("click", async () => {
  cancel.disabled = true;
  const answer = await fetch(wait.dataset.stop, { method: "DELETE", headers: { "X-XSRFToken": wait.dataset.xsrf } });
  ended(answer.ok ? "The start was cancelled. Nothing is lost." : "The start could not be cancelled.");
});
