import { MutationCache, QueryClient } from "@tanstack/react-query";
import { ApiError } from "@/api/client";
import { toast } from "@/ui/toasts";

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 30_000,
      gcTime: 10 * 60_000,
      refetchOnWindowFocus: false,
      retry: (count, error) => count < 2 && (!(error instanceof ApiError) || error.status >= 500),
    },
  },
  mutationCache: new MutationCache({
    // Actions say what went wrong unless they do so beside their own form.
    onError: (error, _variables, _context, mutation) => {
      if (mutation.meta?.silent) return;
      toast({ tone: "bad", text: error.message });
    },
  }),
});
