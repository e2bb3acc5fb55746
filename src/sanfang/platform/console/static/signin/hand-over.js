// In an app's frame of the workbench: tell it that a sign-in page was opened, and let it go on.

const workbench = document.getElementById("handing").dataset.workbench;
const beside = document.getElementById("beside");
const PATIENCE = 4000; // milliseconds until the person is offered another way

function frameId() {
  try {
    return JSON.parse(window.name.replace(/^ddc:/, "")).frame ?? "";
  } catch {
    return "";
  }
}

if (window.parent === window) {
  location.reload(); // no frame any more: the usual page
} else {
  const message = { __ddc: 1, signin: true, frame: frameId(), url: location.href };
  window.parent.postMessage(message, workbench);
  setTimeout(() => (beside.hidden = false), PATIENCE);
}
