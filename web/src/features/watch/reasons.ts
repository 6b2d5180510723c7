/** What can be wrong with something, by the names of the API. */
export const REASONS = [
  "spam",
  "harassment",
  "hate",
  "violence",
  "sexual",
  "childSafety",
  "selfHarm",
  "misinformation",
  "copyright",
  "privacy",
  "impersonation",
  "illegal",
  "other",
] as const;
