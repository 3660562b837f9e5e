// Reads a chosen file into the text field that the form sends. Without scripts the field is filled by hand.
(() => {
  if (window.fileToText) return;
  window.fileToText = true;
  document.addEventListener("change", (event) => {
    const input = event.target;
    const into = input.dataset?.into;
    const file = input.files?.[0];
    if (!into || !file) return;
    const told = document.querySelector(`[data-progress="${into}"]`);
    const reader = new FileReader();
    reader.addEventListener("progress", ({ loaded, total }) => { told.textContent = `${Math.floor((loaded * 100) / Math.max(total, 1))} %`; });
    reader.addEventListener("error", () => { told.textContent = "This file cannot be read."; });
    reader.addEventListener("load", () => {
      const field = document.getElementById(into);
      field.value = reader.result;
      field.dispatchEvent(new Event("input", { bubbles: true }));
      told.textContent = `${file.name}: ${reader.result.trim().split("\n").length} lines`;
    });
    reader.readAsText(file);
  });
})();
