/**
 * Puts a text into the clipboard; tells whether it is there. Browsers give the clipboard to secure pages only; elsewhere
 * the older way often works.
 */
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const field = document.createElement("textarea");
    field.value = text;
    field.readOnly = true;
    field.style.position = "fixed";
    field.style.opacity = "0";
    // Within an open dialog the focus may not leave it.
    const place = document.querySelector("[data-modal-content]") ?? document.body;
    place.append(field);
    field.select();
    const isThere = document.execCommand("copy");
    field.remove();
    return isThere;
  }
}
