// Stops a workspace from the list of running ones.
const xsrf = document.currentScript.dataset.xsrf;
const said = document.getElementById("said");

async function stop(button) {
  button.disabled = true;
  button.textContent = "Stopping …";
  try {
    const answer = await fetch(button.dataset.stop, { method: "DELETE", headers: { "X-XSRFToken": xsrf } });
    if (!answer.ok) throw new Error(String(answer.status));
    window.location.reload();
  } catch (problem) {
    button.disabled = false;
    button.textContent = "Stop";
    said.textContent = `The workspace could not be stopped (${problem.message}). Please try again.`;
  }
}

for (const button of document.querySelectorAll("button[data-stop]")) {
  button.addEventListener("click", () => stop(button));
}
