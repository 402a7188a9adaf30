"use strict";
for (const button of document.querySelectorAll("button.copy")) {
  const command = button.nextElementSibling;
  button.hidden = false;
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(command.textContent);
      button.textContent = "copied";
    } catch {
      getSelection().selectAllChildren(command);
      button.textContent = "selected";
    }
  });
}
addEventListener("beforeprint", () => {
  for (const rule of document.querySelectorAll("details")) rule.open = true;
});
