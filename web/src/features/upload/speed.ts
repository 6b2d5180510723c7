/** How fast bytes go, smoothed: a stall shows within seconds, a hiccup does not. */
export class Speed {
  private last: { at: number; bytes: number } | null = null;
  private rate = 0;

  /** `bytes` were sent in all at `at` (milliseconds). */
  at(at: number, bytes: number): void {
    if (this.last === null || bytes < this.last.bytes) {
      this.last = { at, bytes };
      return;
    }
    const seconds = (at - this.last.at) / 1000;
    // Progress comes in bursts; shorter spans say nothing.
    if (seconds < 0.25) return;
    const now = (bytes - this.last.bytes) / seconds;
    const weight = 1 - Math.exp(-seconds / SMOOTH_S);
    this.rate = this.rate === 0 ? now : this.rate + (now - this.rate) * weight;
    this.last = { at, bytes };
  }

  get bytesPerSecond(): number {
    return this.rate;
  }

  secondsLeft(bytes: number): number | null {
    return this.rate > 0 ? bytes / this.rate : null;
  }
}

const SMOOTH_S = 4;
