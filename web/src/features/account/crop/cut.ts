// Cuts a part out of a picture, in this browser, and makes it no larger than it will ever be shown.
export interface Shape {
  name: "avatar" | "cover";
  /** The most that is kept, in pixels. */
  width: number;
  height: number;
  isRound: boolean;
}

export const AVATAR: Shape = { name: "avatar", width: 512, height: 512, isRound: true };
export const COVER: Shape = { name: "cover", width: 2480, height: 400, isRound: false };

/** Of the picture, in its own pixels. */
export interface Part {
  x: number;
  y: number;
  width: number;
  height: number;
}

const QUALITY = 0.9;

/** How large a part is kept: never larger than it is, never larger than it is shown. */
export function sizeOf(part: Part, shape: Shape): { width: number; height: number } {
  const scale = Math.min(1, shape.width / part.width, shape.height / part.height);
  return {
    width: Math.max(1, Math.round(part.width * scale)),
    height: Math.max(1, Math.round(part.height * scale)),
  };
}

/** Throws where the picture cannot be read. */
export async function cut(file: Blob, part: Part, shape: Shape): Promise<Blob> {
  const { width, height } = sizeOf(part, shape);
  const picture = await createImageBitmap(file);
  const canvas = document.createElement("canvas");
  canvas.width = width;
  canvas.height = height;
  const context = canvas.getContext("2d");
  if (!context) throw new Error("This browser draws no pictures.");
  // What is transparent would else be black.
  context.fillStyle = "#fff";
  context.fillRect(0, 0, width, height);
  context.imageSmoothingQuality = "high";
  context.drawImage(picture, part.x, part.y, part.width, part.height, 0, 0, width, height);
  picture.close();
  return new Promise((resolve, reject) => {
    const done = (blob: Blob | null) => (blob ? resolve(blob) : reject(new Error("It was not drawn.")));
    canvas.toBlob(done, "image/jpeg", QUALITY);
  });
}
