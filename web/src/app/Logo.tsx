import classes from "./Logo.module.css";

export function Logo() {
  return (
    <span className={classes.logo}>
      <img src="/icon.svg" alt="" width={28} height={28} />
      <span>StreamSphere</span>
    </span>
  );
}
