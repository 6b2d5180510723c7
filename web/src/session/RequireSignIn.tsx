import { type ReactNode, useEffect } from "react";
import { useLocation, useNavigate } from "react-router";
import { ListSkeleton } from "@/ui/Skeletons";
import { useMe } from "./session";

/** Shows its children to those who are signed in, and sends others to sign in and back. */
export function RequireSignIn({ children }: { children: ReactNode }) {
  const me = useMe();
  const navigate = useNavigate();
  const { pathname, search } = useLocation();
  useEffect(() => {
    if (me === null) void navigate(`/sign-in?to=${encodeURIComponent(pathname + search)}`, { replace: true });
  }, [me, navigate, pathname, search]);
  return me ? children : <ListSkeleton count={4} />;
}
