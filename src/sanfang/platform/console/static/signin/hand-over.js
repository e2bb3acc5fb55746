// In an app's frame of the workbench: tell it that a sign-in page was opened, and what the person
// answered if the page asks something. The workbench goes on; nothing secret passes through here.

const workbench = document.getElementById("handing").dataset.workbench;
const beside = document.getElementById("beside");
const buttons = [...document.querySelectorAll(".buttons button")];
const PATIENCE = 4000; // milliseconds until the person is offered another way

function frameId() {
  try {
    return JSON.parse(window.name.replace(/^ddc:/, "")).frame ?? "";
  } catch {
    return "";
  }
}

function tell(said) {
  const message = { __ddc: 1, signin: true, frame: frameId(), url: location.href, said };
  window.parent.postMessage(message, workbench);
  setTimeout(() => (beside.hidden = false), PATIENCE);
}

if (window.parent === window) {
  location.reload(); // no frame any more: the usual page
} else if (buttons.length) {
  for (const button of buttons) button.addEventListener("click", () => tell(button.value));
} else {
  tell("");
}
