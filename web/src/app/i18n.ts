// Languages. Each is one file of the build that is loaded only where it is spoken; each feature has its own words in
// `locales/<language>/<feature>.json`.
import i18next, { type Resource } from "i18next";
import { initReactI18next } from "react-i18next";
import type en from "@/locales/en";

declare module "i18next" {
  interface CustomTypeOptions {
    defaultNS: "common";
    resources: typeof en;
  }
}

export const languages = { en: "English", de: "Deutsch" } as const;
export type Language = keyof typeof languages;

const KEY = "streamsphere-language";
const loaders: Record<Language, () => Promise<{ default: object }>> = {
  en: () => import("@/locales/en"),
  de: () => import("@/locales/de"),
};

function isLanguage(name: string): name is Language {
  return name in languages;
}

/** The first of the languages that a person reads which there is. */
export function preferred(chosen: string | null, reads: readonly string[]): Language {
  for (const name of [chosen, ...reads]) {
    const base = name?.toLowerCase().split("-")[0];
    if (base && isLanguage(base)) return base;
  }
  return "en";
}

function chosen(): string | null {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null;
  }
}

async function words(language: Language): Promise<Resource[string]> {
  return (await loaders[language]()).default as Resource[string];
}

export async function startLanguages(): Promise<void> {
  const language = preferred(chosen(), navigator.languages);
  await i18next.use(initReactI18next).init({
    lng: language,
    fallbackLng: false,
    defaultNS: "common",
    resources: { [language]: await words(language) },
    // React shows text as text.
    interpolation: { escapeValue: false },
    react: { useSuspense: false },
  });
  document.documentElement.lang = language;
}

export async function speak(language: Language): Promise<void> {
  const loaded = await words(language);
  for (const [feature, texts] of Object.entries(loaded)) {
    i18next.addResourceBundle(language, feature, texts);
  }
  await i18next.changeLanguage(language);
  document.documentElement.lang = language;
  try {
    localStorage.setItem(KEY, language);
  } catch {
    // It holds for this page.
  }
}
