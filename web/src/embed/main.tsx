// The player alone, for frames on other sites: `/embed/{id}`. Nothing on it acts for whoever is signed in.
import "../styles/mantine.css";
import "../styles/theme.css";
import "../styles/base.css";

const root = document.getElementById("root");
if (!root) throw new Error("The page has no place for the player.");

await import("react-dom/client");
const { startLanguages } = await import("../app/i18n");
const [{ start }] = await Promise.all([import("./start"), startLanguages()]);
start(root);
