import { Component, type ReactNode } from "react";

interface Props {
  /** What is in it broke, or could not be loaded. */
  onFailed: () => void;
  children: ReactNode;
}

/** Keeps what fails in one part from taking the page with it; nothing stands in its place. */
export class Boundary extends Component<Props, { hasFailed: boolean }> {
  override state = { hasFailed: false };

  static getDerivedStateFromError() {
    return { hasFailed: true };
  }

  override componentDidCatch() {
    this.props.onFailed();
  }

  override render() {
    return this.state.hasFailed ? null : this.props.children;
  }
}
