/** What somebody may be, from the least to the most. */
export const ROLES = ["user", "moderator", "admin"] as const;
