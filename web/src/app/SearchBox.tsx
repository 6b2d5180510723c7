// The search in the header: suggestions while one writes, and what was looked for before. A combobox as WAI-ARIA
// describes it: arrows move, Enter takes, Escape closes.
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { History, Search, X } from "lucide-react";
import { type FormEvent, useEffect, useId, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useLocation, useNavigate, useSearchParams } from "react-router";
import { api, unwrapAs } from "@/api/client";
import type { SearchResults } from "@/api/types";
import { useDebounced } from "@/lib/useDebounced";
import { Avatar } from "@/ui/Avatar";
import { forgetSearches, recent, remember } from "./recent";
import classes from "./SearchBox.module.css";

interface Suggestion {
  key: string;
  text: string;
  to: string;
  kind: "recent" | "video" | "channel";
  channel?: SearchResults["channels"][number];
}

const SETTLE_MS = 180;
const MOST = 8;

function useSuggestions(words: string, isOpen: boolean): Suggestion[] {
  const settled = useDebounced(words.trim(), SETTLE_MS);
  const { data } = useQuery({
    queryKey: ["suggestions", settled],
    enabled: isOpen && settled.length > 1,
    staleTime: 5 * 60_000,
    placeholderData: keepPreviousData,
    retry: false,
    queryFn: ({ signal }) =>
      unwrapAs<SearchResults>(
        api.GET("/api/v1/search", { params: { query: { q: settled, limit: "5" } }, signal }),
      ),
  });
  const begin = words.trim().toLowerCase();
  const kept = recent()
    .filter((text) => text.toLowerCase().startsWith(begin))
    .slice(0, begin ? 3 : MOST)
    .map(
      (text): Suggestion => ({
        key: `r:${text}`,
        text,
        to: `/search?q=${encodeURIComponent(text)}`,
        kind: "recent",
      }),
    );
  if (begin.length < 2 || !data) return kept;
  const channels = data.channels.slice(0, 2).map(
    (channel): Suggestion => ({
      key: `c:${channel._id}`,
      text: channel.fullName,
      to: `/@${channel.username}`,
      kind: "channel",
      channel,
    }),
  );
  const videos = data.videos.map(
    (video): Suggestion => ({
      key: `v:${video._id}`,
      text: video.title,
      to: `/search?q=${encodeURIComponent(video.title)}`,
      kind: "video",
    }),
  );
  return [...kept, ...channels, ...videos].slice(0, MOST);
}

export function SearchBox({ isFocused, onDone }: { isFocused: boolean; onDone: () => void }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const { pathname } = useLocation();
  const [parameters] = useSearchParams();
  const asked = pathname === "/search" ? (parameters.get("q") ?? "") : "";
  const [words, setWords] = useState(asked);
  const [isOpen, setIsOpen] = useState(false);
  const [at, setAt] = useState(-1);
  const input = useRef<HTMLInputElement>(null);
  const list = useId();
  const suggestions = useSuggestions(words, isOpen);
  const isShown = isOpen && suggestions.length > 0;

  useEffect(() => setWords(asked), [asked]);
  useEffect(() => {
    if (isFocused) input.current?.focus();
  }, [isFocused]);
  useEffect(() => {
    // "/" goes to the search from everywhere, unless somebody writes.
    const slash = (event: KeyboardEvent) => {
      const target = event.target as HTMLElement;
      if (
        event.key !== "/" ||
        event.ctrlKey ||
        event.metaKey ||
        target.closest("input, textarea, [contenteditable]")
      )
        return;
      event.preventDefault();
      input.current?.focus();
    };
    window.addEventListener("keydown", slash);
    return () => window.removeEventListener("keydown", slash);
  }, []);

  const done = () => {
    setIsOpen(false);
    setAt(-1);
    input.current?.blur();
    onDone();
  };
  const go = (text: string, to: string) => {
    if (to.startsWith("/search")) remember(text);
    setWords(to.startsWith("/search") ? text : "");
    done();
    navigate(to);
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const chosen = suggestions[at];
    if (isShown && chosen) return go(chosen.text, chosen.to);
    const text = words.trim();
    if (text) go(text, `/search?q=${encodeURIComponent(text)}`);
  };

  return (
    // biome-ignore lint/a11y/useSemanticElements: `search` is not known to all browsers that are served
    <form role="search" className={classes.form} onSubmit={submit}>
      <input
        ref={input}
        className={classes.input}
        type="search"
        value={words}
        maxLength={200}
        placeholder={t("search.placeholder")}
        aria-label={t("search.placeholder")}
        role="combobox"
        aria-expanded={isShown}
        aria-controls={list}
        aria-autocomplete="list"
        aria-activedescendant={isShown && at >= 0 ? `${list}-${at}` : undefined}
        autoComplete="off"
        enterKeyHint="search"
        onChange={(event) => {
          setWords(event.currentTarget.value);
          setIsOpen(true);
          setAt(-1);
        }}
        onFocus={() => setIsOpen(true)}
        onBlur={() => setIsOpen(false)}
        onKeyDown={(event) => {
          if (event.key === "Escape") {
            if (isShown) setIsOpen(false);
            else done();
          } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
            event.preventDefault();
            setIsOpen(true);
            const step = event.key === "ArrowDown" ? 1 : -1;
            const places = suggestions.length + 1;
            // One place more than there are suggestions: what was written.
            setAt(((at + 1 + step + places) % places) - 1);
          }
        }}
      />
      {words && (
        <button
          type="button"
          className={classes.clear}
          aria-label={t("search.clear")}
          onMouseDown={(event) => event.preventDefault()}
          onClick={() => {
            setWords("");
            input.current?.focus();
          }}
        >
          <X size={18} />
        </button>
      )}
      <button type="submit" className={classes.submit} aria-label={t("search.submit")}>
        <Search size={18} />
      </button>
      <div
        id={list}
        role="listbox"
        aria-label={t("search.suggestions")}
        className={classes.list}
        hidden={!isShown}
      >
        {isShown &&
          suggestions.map((one, index) => (
            // biome-ignore lint/a11y/useKeyWithClickEvents: keys go to the input, which says which one is meant
            <div
              key={one.key}
              id={`${list}-${index}`}
              role="option"
              tabIndex={-1}
              aria-selected={index === at}
              className={classes.option}
              // Focus stays in the input.
              onMouseDown={(event) => event.preventDefault()}
              onClick={() => go(one.text, one.to)}
            >
              {one.channel ? (
                <Avatar of={one.channel} size={20} />
              ) : one.kind === "recent" ? (
                <History size={18} aria-hidden />
              ) : (
                <Search size={18} aria-hidden />
              )}
              <span>{one.text}</span>
            </div>
          ))}
        {isShown && suggestions.some((one) => one.kind === "recent") && (
          <button
            type="button"
            className={classes.forget}
            onMouseDown={(event) => event.preventDefault()}
            onClick={() => {
              forgetSearches();
              setIsOpen(false);
            }}
          >
            {t("search.forget")}
          </button>
        )}
      </div>
    </form>
  );
}
