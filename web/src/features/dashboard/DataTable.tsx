import { useState } from "react";
import { useTranslation } from "react-i18next";
import classes from "./DataTable.module.css";

interface Props {
  name: string;
  head: string[];
  /** Asked for when it is opened. The first of a row is its name. */
  rows: () => { key: string; cells: string[] }[];
}

/** What a chart shows, in words and numbers. */
export function DataTable({ name, head, rows }: Props) {
  const { t } = useTranslation("dashboard");
  const [isOpen, setIsOpen] = useState(false);
  return (
    <details className={classes.table} onToggle={(event) => setIsOpen(event.currentTarget.open)}>
      <summary>
        {t("chart.table")}
        <span className="unseen">: {name}</span>
      </summary>
      {isOpen && (
        // It scrolls by itself, so it can be reached by keyboard.
        // biome-ignore lint/a11y/noNoninteractiveTabindex: as said
        <section className={classes.rows} tabIndex={0} aria-label={name}>
          <table>
            <thead>
              <tr>
                {head.map((one) => (
                  <th key={one} scope="col">
                    {one}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {rows().map(({ key, cells: [first, ...others] }) => (
                <tr key={key}>
                  <th scope="row">{first}</th>
                  {others.map((cell, index) => (
                    // biome-ignore lint/suspicious/noArrayIndexKey: a cell is known by its column
                    <td key={index}>{cell}</td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      )}
    </details>
  );
}
