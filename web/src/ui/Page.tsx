import type { ReactNode } from "react";
import classes from "./Page.module.css";
import { useTitle } from "./useTitle";

interface Props {
  title: string;
  /** A line below the title. */
  about?: ReactNode;
  actions?: ReactNode;
  /** `full`: as wide as there is room; `text`: for reading; `form`: for a form. */
  width?: "full" | "text" | "form";
  /** The title is only told, not shown. */
  isTitleUnseen?: boolean;
  children: ReactNode;
}

/** A page with its title, in the tab too. */
export function Page({ title, about, actions, width = "full", isTitleUnseen, children }: Props) {
  useTitle(title);
  return (
    <div className={classes.page} data-width={width}>
      {isTitleUnseen ? (
        <h1 className="unseen">{title}</h1>
      ) : (
        <div className={classes.head}>
          <div>
            <h1>{title}</h1>
            {about && <p className="soft">{about}</p>}
          </div>
          {actions && <div className={classes.actions}>{actions}</div>}
        </div>
      )}
      {children}
    </div>
  );
}
