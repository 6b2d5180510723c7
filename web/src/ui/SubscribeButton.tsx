import { Button } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { BellRing } from "lucide-react";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { api, unwrap } from "@/api/client";
import { useEvent } from "@/events/useEvents";
import { useNeedsSignIn } from "@/session/useNeedsSignIn";
import { toast } from "./toasts";

interface Props {
  channel: { _id: string; fullName: string; isSubscribed?: boolean | null };
}

const set = (channelId: string, to: boolean) => {
  const params = { params: { path: { channelId } } };
  return unwrap(
    to
      ? api.PUT("/api/v1/subscriptions/c/{channelId}", params)
      : api.DELETE("/api/v1/subscriptions/c/{channelId}", params),
  );
};

/** Follows a channel, or not any more: at once, with a way back. */
export function SubscribeButton({ channel }: Props) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const needsSignIn = useNeedsSignIn();
  const [isOn, setIsOn] = useState(Boolean(channel.isSubscribed));
  useEffect(() => setIsOn(Boolean(channel.isSubscribed)), [channel.isSubscribed]);
  useEvent("subscription.changed", (event) => {
    if (event.channel === channel._id) setIsOn(event.isSubscribed);
  });
  const renew = () => {
    for (const key of ["channel", "followed", "feed", "video"])
      void queries.invalidateQueries({ queryKey: [key] });
  };
  const follow = useMutation({
    mutationFn: (to: boolean) => set(channel._id, to),
    onMutate: (to) => setIsOn(to),
    onError: (_, to) => setIsOn(!to),
    onSuccess: (_, to) => {
      renew();
      if (!to) {
        toast({
          text: t("unsubscribed", { name: channel.fullName }),
          action: { label: t("undo"), run: () => follow.mutate(true) },
        });
      }
    },
  });
  return (
    <Button
      variant={isOn ? "default" : "filled"}
      leftSection={isOn ? <BellRing size={16} /> : undefined}
      aria-pressed={isOn}
      onClick={() => needsSignIn() || follow.mutate(!isOn)}
    >
      {isOn ? t("subscribed") : t("subscribe")}
    </Button>
  );
}
