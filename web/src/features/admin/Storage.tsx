import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { useFormat } from "@/lib/format";
import { Bone, ListSkeleton } from "@/ui/Skeletons";
import { ErrorState } from "@/ui/States";
import { type Stats, statsQuery } from "./queries";
import classes from "./Storage.module.css";

/** A disk with less left than this share is nearly full. */
const LOW = 0.05;
/** Less is not told apart. */
const SMALL = 0.001;

interface Part {
  name: "originals" | "renditions" | "captions" | "other" | "free";
  bytes: number;
  files?: number;
}

function parts(storage: Stats["storage"]): Part[] {
  const { originals, captions, renditionsBytes, totalBytes, diskFreeBytes, diskTotalBytes } = storage;
  return [
    { name: "originals", bytes: originals.bytes, files: originals.files },
    { name: "renditions", bytes: renditionsBytes },
    { name: "captions", bytes: captions.bytes, files: captions.files },
    { name: "other", bytes: Math.max(0, diskTotalBytes - diskFreeBytes - totalBytes) },
    { name: "free", bytes: diskFreeBytes },
  ];
}

function Disk({ storage }: { storage: Stats["storage"] }) {
  const { t, i18n } = useTranslation("admin");
  const format = useFormat();
  const percent = new Intl.NumberFormat(i18n.language, { style: "percent", maximumFractionDigits: 1 });
  const total = Math.max(1, storage.diskTotalBytes);
  const all = parts(storage);
  return (
    <>
      <h3>{t("storage.stored", { size: format.bytes(storage.totalBytes) })}</h3>
      <p className="soft">
        {t("storage.diskFree", {
          free: format.bytes(storage.diskFreeBytes),
          total: format.bytes(storage.diskTotalBytes),
        })}
      </p>
      {storage.diskFreeBytes / total < LOW && (
        <p className={classes.low} role="alert">
          {t("storage.low")}
        </p>
      )}
      {/* The table says the same. */}
      <div className={classes.stack} aria-hidden>
        {all.map(({ name, bytes }) =>
          bytes > 0 ? <span key={name} data-part={name} style={{ flex: `${bytes / total} 0 0` }} /> : null,
        )}
      </div>
      <table className={classes.table}>
        <thead>
          <tr>
            <th scope="col">{t("storage.kind")}</th>
            <th scope="col" data-files>
              {t("storage.files")}
            </th>
            <th scope="col">{t("storage.size")}</th>
            <th scope="col">{t("storage.share")}</th>
          </tr>
        </thead>
        <tbody>
          {all.map(({ name, bytes, files }) => (
            <tr key={name}>
              <th scope="row">
                <span className={classes.swatch} data-part={name} aria-hidden />
                {t(`storage.${name}`)}
              </th>
              <td data-files>{files === undefined ? "" : format.number(files)}</td>
              <td>{format.bytes(bytes)}</td>
              <td>
                {bytes > 0 && bytes / total < SMALL
                  ? `< ${percent.format(SMALL)}`
                  : percent.format(bytes / total)}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}

/** How much of the disk is taken, and by what. */
export function Storage() {
  const { t } = useTranslation("admin");
  const { data, error, refetch } = useQuery(statsQuery);
  if (error && !data) return <ErrorState error={error} onRetry={() => void refetch()} />;
  if (!data) {
    return (
      <div className={classes.page}>
        <Bone height={24} />
        <ListSkeleton count={5} />
      </div>
    );
  }
  return (
    <div className={classes.page}>
      <Disk storage={data.storage} />
      <p className="soft">
        {t("storage.hint")}{" "}
        <Link className="link" to="/admin/users">
          {t("storage.people")}
        </Link>
      </p>
    </div>
  );
}
