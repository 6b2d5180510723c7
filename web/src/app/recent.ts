// What was looked for on this browser, the latest first. It is never sent anywhere.
const KEY = "streamsphere-searches";
const MOST = 12;

export function recent(): string[] {
  try {
    const value: unknown = JSON.parse(localStorage.getItem(KEY) ?? "[]");
    return Array.isArray(value) ? value.filter((one): one is string => typeof one === "string") : [];
  } catch {
    return [];
  }
}

export function remember(words: string): void {
  keep([words, ...recent().filter((one) => one.toLowerCase() !== words.toLowerCase())].slice(0, MOST));
}

export function forgetSearches(): void {
  keep([]);
}

function keep(list: string[]): void {
  try {
    localStorage.setItem(KEY, JSON.stringify(list));
  } catch {
    // Without storage nothing is remembered.
  }
}
